package org.oz4j.icicle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.oz4j.DiskException;
import org.oz4j.Provenance;

/** The file beside an image that tells what it was made of: JSON, with the names of {@link Provenance}. */
public final class ProvenanceFile {
    private static final int LIMIT = 1 << 20;

    private ProvenanceFile() {}

    /** Where it is, or would be: {@code NAME.provenance.json}. */
    public static Path beside(Path image) {
        return image.resolveSibling(image.getFileName().toString().replaceFirst("\\.[^.]+$", "") + ".provenance.json");
    }

    /**
     * Reads the file beside an image.
     *
     * @return empty where there is none
     * @throws DiskException where it can't be read, or is no such file
     */
    public static Optional<Provenance> of(Path image) {
        Path file = beside(image);
        try {
            if (Files.notExists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > LIMIT) {
                throw new IllegalArgumentException("it is larger than any");
            }
            return Optional.of(read(Files.readString(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new DiskException(
                    file,
                    "The file " + file + " does not tell what the image was made of: " + e.getMessage(),
                    "Take it away; only what it tells is lost",
                    e);
        }
    }

    /** The file's text. */
    public static String write(Provenance provenance) {
        return JsonText.write(tree(provenance));
    }

    /**
     * Reads the file's text.
     *
     * @throws IllegalArgumentException where it is none
     */
    public static Provenance read(String json) {
        ObjectNode root = JsonText.read(json);
        List<Provenance.Medium> media = new ArrayList<>();
        for (JsonNode one : root.path("media")) {
            media.add(new Provenance.Medium(JsonText.needed(one, "location"), JsonText.needed(one, "sha256")));
        }
        return new Provenance(
                JsonText.needed(root, "name"),
                JsonText.needed(root, "os"),
                JsonText.needed(root, "arch"),
                JsonText.needed(root, "toolVersion"),
                IcicleJson.time(JsonText.needed(root, "installed")),
                media,
                JsonText.needed(root, "templateSha256"),
                JsonText.text(root, "answersSha256"));
    }

    static ObjectNode tree(Provenance provenance) {
        ObjectNode root = JsonText.object()
                .put("name", provenance.name())
                .put("os", provenance.os())
                .put("arch", provenance.arch())
                .put("toolVersion", provenance.toolVersion())
                .put("installed", provenance.installed().toString());
        ArrayNode media = root.putArray("media");
        provenance.media().forEach(one -> media.addObject()
                .put("location", one.location())
                .put("sha256", one.sha256()));
        root.put("templateSha256", provenance.templateSha256());
        JsonText.put(root, "answersSha256", provenance.answersSha256());
        return root;
    }
}
