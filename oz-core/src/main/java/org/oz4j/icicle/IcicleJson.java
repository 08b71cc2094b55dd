package org.oz4j.icicle;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.oz4j.Icicle;
import org.oz4j.Provenance;

/** A manifest as JSON of our own, which tells all that is known; and the reader of manifests in JSON. */
final class IcicleJson {
    /** What the names of our properties begin with in a CycloneDX SBOM; the rest is the member's name here. */
    static final String PROPERTY = "oz4j:";

    private static final Pattern ARCH = Pattern.compile("[?&]arch=([A-Za-z0-9_.-]+)");

    private IcicleJson() {}

    static String write(Icicle icicle, Optional<Provenance> provenance) {
        ObjectNode root = JsonText.object();
        JsonText.put(root, "description", icicle.description());
        icicle.os().ifPresent(os -> root.putObject("os")
                .put("name", os.name())
                .put("version", os.version())
                .put("arch", os.arch())
                .put("purlType", os.purlType()));
        provenance.ifPresent(known -> root.set("provenance", ProvenanceFile.tree(known)));
        ArrayNode packages = root.putArray("packages");
        for (Icicle.Item item : icicle.packages()) {
            ObjectNode one = packages.addObject().put("name", item.name());
            JsonText.put(one, "version", Optional.of(item.version()));
            facts(item).forEach((name, text) -> one.put(name, text));
            JsonText.put(one, "vendor", item.vendor());
            JsonText.put(one, "licence", item.licence());
            JsonText.put(one, "homepage", item.homepage());
        }
        return JsonText.write(root);
    }

    /** What a package tells that CycloneDX has no place for. */
    static Map<String, String> facts(Icicle.Item item) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("arch", item.arch());
        facts.put("source", item.source().map(Icicle.Source::name).orElse(""));
        facts.put("sourceVersion", item.source().map(Icicle.Source::version).orElse(""));
        facts.put("installed", item.installed().map(Instant::toString).orElse(""));
        facts.put("extra", item.extra().orElse(""));
        facts.values().removeIf(String::isEmpty);
        return facts;
    }

    /**
     * Reads a manifest in our JSON or in CycloneDX's; of another writer's CycloneDX what all have in common.
     *
     * @throws IllegalArgumentException where it is none
     */
    static Icicle read(String text) {
        ObjectNode root = JsonText.read(text);
        if (root.path("bomFormat").asText().equals("CycloneDX")) {
            List<Icicle.Item> items = new ArrayList<>();
            for (JsonNode component : root.path("components")) {
                if (!component.path("type").asText().equals("operating-system")) {
                    items.add(component(component));
                }
            }
            return new Icicle(Optional.empty(), Optional.empty(), items);
        }
        if (!root.path("packages").isArray() || root.has("spdxVersion")) {
            throw new IllegalArgumentException("no manifest: its JSON is neither ours nor CycloneDX's");
        }
        Optional<Icicle.Os> os = root.path("os") instanceof ObjectNode told
                ? Optional.of(new Icicle.Os(
                        JsonText.needed(told, "name"),
                        JsonText.needed(told, "version"),
                        JsonText.needed(told, "arch"),
                        JsonText.needed(told, "purlType")))
                : Optional.empty();
        List<Icicle.Item> items = new ArrayList<>();
        for (JsonNode one : root.path("packages")) {
            items.add(item(
                    JsonText.needed(one, "name"),
                    JsonText.text(one, "version"),
                    name -> JsonText.text(one, name),
                    JsonText.text(one, "vendor"),
                    JsonText.text(one, "licence"),
                    JsonText.text(one, "homepage")));
        }
        return new Icicle(JsonText.text(root, "description"), os, items);
    }

    private static Icicle.Item component(JsonNode component) {
        Map<String, String> properties = new HashMap<>();
        for (JsonNode property : component.path("properties")) {
            if (property.path("name").asText().startsWith(PROPERTY)) {
                properties.put(
                        property.path("name").asText().substring(PROPERTY.length()),
                        property.path("value").asText());
            }
        }
        Matcher arch = ARCH.matcher(component.path("purl").asText());
        if (!properties.containsKey("arch") && arch.find()) {
            properties.put("arch", arch.group(1));
        }
        Optional<String> homepage = Optional.ofNullable(properties.get("homepage"));
        for (JsonNode reference : component.path("externalReferences")) {
            if (reference.path("type").asText().equals("website")) {
                homepage = JsonText.text(reference, "url");
            }
        }
        return item(
                Optional.ofNullable(properties.get("name")).orElseGet(() -> JsonText.needed(component, "name")),
                JsonText.text(component, "version"),
                name -> Optional.ofNullable(properties.get(name)),
                JsonText.text(component.path("supplier"), "name"),
                JsonText.text(component.path("licenses").path(0).path("license"), "name"),
                homepage);
    }

    private static Icicle.Item item(
            String name,
            Optional<String> version,
            Function<String, Optional<String>> facts,
            Optional<String> vendor,
            Optional<String> licence,
            Optional<String> homepage) {
        return new Icicle.Item(
                name,
                version.orElse(""),
                facts.apply("arch").orElse(""),
                facts.apply("source")
                        .map(source -> new Icicle.Source(
                                source, facts.apply("sourceVersion").orElse(""))),
                vendor,
                licence,
                facts.apply("installed").map(IcicleJson::time),
                homepage,
                facts.apply("extra"));
    }

    /**
     * A time as ISO 8601 has it.
     *
     * @throws IllegalArgumentException where it is none
     */
    static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no time", e);
        }
    }
}
