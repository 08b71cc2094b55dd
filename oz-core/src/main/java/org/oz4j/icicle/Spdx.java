package org.oz4j.icicle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.oz4j.Icicle;
import org.oz4j.Provenance;

/**
 * A manifest in SPDX 2.3. The document describes the system, a package that contains those within; what it was made of
 * are packages that it was generated from.
 */
final class Spdx {
    private static final String DOCUMENT = "SPDXRef-DOCUMENT";
    private static final String SYSTEM = "SPDXRef-System";
    private static final String NO_ASSERTION = "NOASSERTION";
    private static final Pattern PERSON = Pattern.compile("([^<>()]+?)\\s*<([^<>()\\s]+@[^<>()\\s]+)>");

    private final Icicle icicle;
    private final Optional<Provenance> provenance;
    private final ObjectNode root = JsonText.object();
    private final ArrayNode packages = JsonText.object().arrayNode();
    private final ArrayNode relationships = JsonText.object().arrayNode();

    Spdx(Icicle icicle, Optional<Provenance> provenance) {
        this.icicle = icicle;
        this.provenance = provenance;
    }

    String write(UUID serial, Instant now) {
        String name = provenance
                .map(Provenance::name)
                .or(() -> icicle.os().map(Icicle.Os::id))
                .orElse("image");
        root.put("spdxVersion", "SPDX-2.3")
                .put("dataLicense", "CC0-1.0")
                .put("SPDXID", DOCUMENT)
                .put("name", name)
                .put("documentNamespace", "urn:uuid:" + serial);
        root.putObject("creationInfo")
                .put("created", seconds(now))
                .putArray("creators")
                .add("Tool: " + SbomWriter.TOOL.replace(' ', '-') + "-" + Provenance.libraryVersion());
        ObjectNode system = add(SYSTEM, icicle.os().map(Icicle.Os::id).orElse(name), NO_ASSERTION);
        system.put("primaryPackagePurpose", "OPERATING_SYSTEM");
        icicle.os().ifPresent(os -> system.put("versionInfo", os.version())
                .put("summary", os.name() + " " + os.version() + " " + os.arch()));
        JsonText.put(system, "description", icicle.description());
        relate(DOCUMENT, "DESCRIBES", SYSTEM);
        int number = 0;
        for (Icicle.Item item : icicle.packages()) {
            String bareName = Purl.bareName(icicle.os(), item);
            String id = "SPDXRef-Package-" + ++number + "-" + bareName.replaceAll("[^A-Za-z0-9.-]", "-");
            describe(add(id, bareName, NO_ASSERTION), item);
            relate(SYSTEM, "CONTAINS", id);
        }
        provenance.ifPresent(known -> {
            system.put("builtDate", seconds(known.installed()));
            system.put(
                    "comment",
                    "Installed by " + SbomWriter.TOOL + " " + known.toolVersion() + ": " + known.os() + " "
                            + known.arch());
            int medium = 0;
            for (Provenance.Medium one : known.media()) {
                boolean fetched = JsonText.isAddress(one.location());
                from(
                        "SPDXRef-Medium-" + ++medium,
                        one.location().replaceAll(".*/", ""),
                        fetched ? one.location() : NO_ASSERTION,
                        "INSTALL",
                        one.sha256());
            }
            from("SPDXRef-Template", "template " + known.name(), NO_ASSERTION, "SOURCE", known.templateSha256());
            known.answersSha256()
                    .ifPresent(sha256 -> from("SPDXRef-Answers", "answer file", NO_ASSERTION, "SOURCE", sha256));
        });
        root.set("packages", packages);
        root.set("relationships", relationships);
        return JsonText.write(root);
    }

    private ObjectNode add(String id, String name, String location) {
        return packages.addObject()
                .put("SPDXID", id)
                .put("name", name)
                .put("downloadLocation", location)
                .put("filesAnalyzed", false);
    }

    private void describe(ObjectNode node, Icicle.Item item) {
        JsonText.put(node, "versionInfo", Optional.of(item.version()));
        item.vendor().ifPresent(vendor -> node.put("supplier", supplier(vendor)));
        JsonText.put(node, "homepage", item.homepage().filter(JsonText::isAddress));
        // in the package manager's own words, which may be no licence expression of SPDX
        item.licence().ifPresent(licence -> node.put("licenseComments", "The package manager tells: " + licence));
        item.source()
                .ifPresent(source ->
                        node.put("sourceInfo", "built from " + (source.name() + " " + source.version()).strip()));
        JsonText.put(
                node,
                "comment",
                Stream.of(item.installed().map(time -> "Installed " + seconds(time)), item.extra())
                        .flatMap(Optional::stream)
                        .reduce((first, second) -> first + "; " + second));
        node.putArray("externalRefs")
                .addObject()
                .put("referenceCategory", "PACKAGE-MANAGER")
                .put("referenceType", "purl")
                .put("referenceLocator", Purl.of(icicle.os(), item));
    }

    /** SPDX tells persons from organizations; what has one mail address is taken for a person. */
    private static String supplier(String vendor) {
        Matcher person = PERSON.matcher(vendor);
        return person.matches()
                ? "Person: " + person.group(1) + " (" + person.group(2) + ")"
                : "Organization: " + vendor;
    }

    private void from(String id, String name, String location, String purpose, String sha256) {
        add(id, name, location)
                .put("primaryPackagePurpose", purpose)
                .putArray("checksums")
                .addObject()
                .put("algorithm", "SHA256")
                .put("checksumValue", sha256);
        relate(SYSTEM, "GENERATED_FROM", id);
    }

    private void relate(String from, String type, String to) {
        relationships
                .addObject()
                .put("spdxElementId", from)
                .put("relationshipType", type)
                .put("relatedSpdxElement", to);
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
