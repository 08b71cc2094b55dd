package org.oz4j.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.Icicle;

import static org.assertj.core.api.Assertions.assertThat;

class PackageFieldTest {
    private static final List<PackageField> ALL = List.of(PackageField.values());

    @Test
    void readsEveryField() {
        assertThat(PackageField.read(ALL, "n\t1:2-3\tamd64\ts\t2-3\tA B <a@b>\tMIT\t86400\thttps://n\trest"))
                .contains(new Icicle.Item(
                        "n",
                        "1:2-3",
                        "amd64",
                        Optional.of(new Icicle.Source("s", "2-3")),
                        Optional.of("A B <a@b>"),
                        Optional.of("MIT"),
                        Optional.of(Instant.parse("1970-01-02T00:00:00Z")),
                        Optional.of("https://n"),
                        Optional.empty()));
    }

    @Test
    void whatIsMissingOrBlankTellsNothing() {
        assertThat(PackageField.read(ALL, "n\t\t \t\tlost")).contains(new Icicle.Item("n", "", ""));
        assertThat(PackageField.read(ALL, "n")).contains(new Icicle.Item("n", "", ""));
        assertThat(PackageField.read(ALL, "")).isEmpty();
        assertThat(PackageField.read(ALL, "\t1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "soon", "9223372036854775807", "99999999999999999999"})
    void aTimeThatIsNoneTellsNothing(String time) {
        assertThat(PackageField.read(List.of(PackageField.NAME, PackageField.INSTALLED), "n\t" + time))
                .contains(new Icicle.Item("n", "", ""));
    }
}
