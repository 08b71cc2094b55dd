package org.oz4j.icicle;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.DiskException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ProvenanceFileTest {
    @TempDir
    Path folder;

    @Test
    void standsBesideItsImageAndReadsBack() throws Exception {
        Path image = folder.resolve("web.server.dsk");
        Files.writeString(folder.resolve("web.server.provenance.json"), ProvenanceFile.write(Samples.PROVENANCE));

        assertThat(ProvenanceFile.of(image)).contains(Samples.PROVENANCE);
    }

    @Test
    void isNotThereForImagesThatWereMadeOtherwise() {
        assertThat(ProvenanceFile.of(folder.resolve("other.dsk"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"name\":\"a\"", "null"})
    void whatIsNoSuchFileIsRefused(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("web.provenance.json"), text);

        assertThatThrownBy(() -> ProvenanceFile.of(folder.resolve("web.dsk")))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(file + " does not tell what the image was made of")
                .hasMessageContaining("Take it away");
    }
}
