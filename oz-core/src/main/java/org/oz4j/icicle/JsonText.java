package org.oz4j.icicle;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON as text, the same on every host. */
final class JsonText {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonText() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static String write(JsonNode node) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
        try {
            return MAPPER.writer(printer).writeValueAsString(node) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can't be written as JSON", e);
        }
    }

    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException where the text is none
     */
    static ObjectNode read(String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("no JSON object");
    }

    /** A member that is a text and not empty. */
    static Optional<String> text(JsonNode object, String name) {
        return Optional.of(object.path(name))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(text -> !text.isEmpty());
    }

    /**
     * A member that must be there.
     *
     * @throws IllegalArgumentException where it is not
     */
    static String needed(JsonNode object, String name) {
        return text(object, name).orElseThrow(() -> new IllegalArgumentException("\"" + name + "\" is missing"));
    }

    /** Adds a member, where there is something to tell. */
    static void put(ObjectNode object, String name, Optional<String> text) {
        text.filter(one -> !one.isEmpty()).ifPresent(one -> object.put(name, one));
    }

    /** Whether a text that a guest told is an address that SBOMs can have as one. */
    static boolean isAddress(String text) {
        try {
            return new URI(text).isAbsolute();
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
