package org.oz4j.icicle;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.packageurl.PackageURL;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.oz4j.Icicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SbomWriterTest {
    private static final String CYCLONEDX =
            SbomWriter.cycloneDx(Samples.icicle(), Optional.of(Samples.PROVENANCE), Samples.NOW);
    private static final String SPDX = SbomWriter.spdx(Samples.icicle(), Optional.of(Samples.PROVENANCE), Samples.NOW);

    /** A manifest of which nothing is known. */
    private static final Icicle BARE = new Icicle(
            Optional.empty(),
            Optional.empty(),
            Collections.nCopies(2, new Icicle.Item("a\u0001 b", "", "").withExtra("\u001b")));

    private static JsonNode tree(String json) throws Exception {
        return new ObjectMapper().readTree(json);
    }

    private static List<String> texts(JsonNode array, String pointer) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(one -> one.at(pointer).asText())
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static List<?> faultsInSpdx(String json) throws Exception {
        String schema;
        try (var stream = org.spdx.tools.Verify.class.getResourceAsStream("/resources/spdx-schema-v2.3.json")) {
            schema = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                .getSchema(schema, InputFormat.JSON)
                .validate(
                        json,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }

    @Test
    void cycloneDxIsWhatTheGoldenFileHas() throws Exception {
        assertThat(CYCLONEDX).isEqualTo(Samples.golden("manifest.cdx.json"));
    }

    @Test
    void spdxIsWhatTheGoldenFileHas() throws Exception {
        assertThat(SPDX).isEqualTo(Samples.golden("manifest.spdx.json"));
    }

    @Test
    void cycloneDxIsValid() throws Exception {
        JsonParser parser = new JsonParser();

        assertThat(parser.validate(CYCLONEDX.getBytes(StandardCharsets.UTF_8), Version.VERSION_16))
                .isEmpty();
        assertThat(parser.validate(
                        SbomWriter.cycloneDx(BARE, Optional.empty(), Samples.NOW)
                                .getBytes(StandardCharsets.UTF_8),
                        Version.VERSION_16))
                .isEmpty();
        assertThat(parser.validate(
                        CYCLONEDX.replace("\"library\"", "\"ship\"").getBytes(StandardCharsets.UTF_8),
                        Version.VERSION_16))
                .isNotEmpty();
    }

    @Test
    void spdxIsValid() throws Exception {
        assertThat(faultsInSpdx(SPDX)).isEmpty();
        assertThat(faultsInSpdx(SbomWriter.spdx(BARE, Optional.empty(), Samples.NOW)))
                .isEmpty();
        assertThat(faultsInSpdx(SPDX.replace("CONTAINS", "EATS"))).isNotEmpty();
    }

    /** What the specification asks for and its schema does not say. */
    @Test
    void spdxTellsNoElementTwiceAndRelatesAllOfThem() throws Exception {
        JsonNode document = tree(SPDX);
        List<String> ids = texts(document.at("/packages"), "/SPDXID");

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("SPDXRef-[A-Za-z0-9.-]+"));
        assertThat(texts(document.at("/relationships"), "/relatedSpdxElement"))
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(document.at("/creationInfo/created").asText()).isEqualTo("2026-05-06T07:08:09Z");
        assertThat(texts(document.at("/packages"), "/supplier"))
                .allMatch(text -> text.matches("Organization: .+|Person: [^()]+( \\([^()]+\\))?"));
    }

    @Test
    void bothTellEveryPackageByTheSamePurl() throws Exception {
        List<String> purls = Samples.icicle().packages().stream()
                .map(item -> Purl.of(Optional.of(Samples.DEBIAN), item))
                .toList();

        assertThat(texts(tree(CYCLONEDX).at("/components"), "/purl")).containsExactlyElementsOf(purls);
        assertThat(texts(tree(SPDX).at("/packages"), "/externalRefs/0/referenceLocator"))
                .containsExactlyElementsOf(purls);
        for (String purl : purls) {
            assertThat(new PackageURL(purl).getType()).isEqualTo("deb");
        }
    }

    @Test
    void bothTellOfWhatTheImageWasMade() throws Exception {
        JsonNode formula = tree(CYCLONEDX).at("/formulation/0");
        JsonNode packages = tree(SPDX).at("/packages");

        assertThat(texts(formula.at("/components"), "/hashes/0/content"))
                .containsExactly("a".repeat(64), "b".repeat(64), "c".repeat(64), "d".repeat(64))
                .isEqualTo(texts(packages, "/checksums/0/checksumValue"));
        assertThat(texts(formula.at("/workflows/0/inputs"), "/resource/ref"))
                .isEqualTo(texts(formula.at("/components"), "/bom-ref"));
        assertThat(formula.at("/workflows/0/timeEnd").asText()).isEqualTo("2026-05-06T06:00:00Z");
        assertThat(packages.at("/0/builtDate").asText()).isEqualTo("2026-05-06T06:00:00Z");
    }

    @Test
    void theSameIsWrittenTheSameInEveryTimeZoneAndOtherwiseAnotherNumberIsGiven() throws Exception {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
            assertThat(SbomWriter.cycloneDx(Samples.icicle(), Optional.of(Samples.PROVENANCE), Samples.NOW))
                    .isEqualTo(CYCLONEDX);
        } finally {
            TimeZone.setDefault(before);
        }
        String without = SbomWriter.cycloneDx(Samples.icicle(), Optional.empty(), Samples.NOW);

        assertThat(tree(without).at("/serialNumber"))
                .isNotEqualTo(tree(CYCLONEDX).at("/serialNumber"));
        assertThat(tree(SPDX).at("/documentNamespace"))
                .isEqualTo(tree(CYCLONEDX).at("/serialNumber"));
    }

    @Test
    void ourJsonIsWhatTheGoldenFileHasAndReadsBack() throws Exception {
        String json = IcicleFormat.JSON.write(Samples.icicle(), Optional.of(Samples.PROVENANCE), Samples.NOW);

        assertThat(json).isEqualTo(Samples.golden("manifest.json"));
        assertThat(IcicleFormat.read(json)).isEqualTo(Samples.icicle());
    }

    @ParameterizedTest
    @EnumSource(
            value = IcicleFormat.class,
            names = {"ICICLE", "CYCLONEDX", "JSON"})
    void readsThePackagesBackWithAllThatIsKnown(IcicleFormat format) {
        String text = format.write(Samples.icicle(), Optional.of(Samples.PROVENANCE), Samples.NOW);

        assertThat(IcicleFormat.read(text).packages())
                .isEqualTo(Samples.icicle().packages());
    }

    @Test
    void readsWhatAnotherToolWrote() {
        assertThat(IcicleFormat.read(
                                """
                {"bomFormat": "CycloneDX", "components": [
                  {"type": "operating-system", "name": "debian"},
                  {"type": "library", "name": "curl", "version": "8", "purl": "pkg:deb/debian/curl@8?arch=amd64&x=1",
                   "properties": [{"name": "other:source", "value": "x"}, 7], "externalReferences": {}, "supplier": []}
                ]}""")
                        .packages())
                .containsExactly(new Icicle.Item("curl", "8", "amd64"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|no JSON",
                "{} x|no JSON",
                "{}|neither ours nor CycloneDX",
                "{\"packages\":[{}]}|\"name\" is missing",
                "{\"packages\":[],\"os\":{}}|\"name\" is missing",
                "{\"packages\":[{\"name\":\"a\",\"installed\":\"b\"}]}|\"b\" is no time",
                "{\"bomFormat\":\"CycloneDX\",\"components\":[1]}|\"name\" is missing"
            })
    void whatIsNoManifestIsRefused(String json, String told) {
        assertThatThrownBy(() -> IcicleFormat.read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(told);
    }

    @Test
    void aHundredThousandBracketsAreRefused() {
        assertThatThrownBy(() -> IcicleFormat.read("{\"a\":" + "[".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
