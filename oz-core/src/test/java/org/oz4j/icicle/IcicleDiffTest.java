package org.oz4j.icicle;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.oz4j.Icicle;

import static org.assertj.core.api.Assertions.assertThat;

class IcicleDiffTest {
    /** Packages of {@code NAME VERSION ARCH}. */
    private static Icicle icicle(String... packages) {
        List<Icicle.Item> items = Arrays.stream(packages)
                .map(one -> one.split(" ", -1))
                .map(words -> new Icicle.Item(words[0], words[1], words[2]))
                .toList();
        return new Icicle(Optional.empty(), Optional.empty(), items);
    }

    private static String text(IcicleDiff diff) {
        StringBuilder text = new StringBuilder();
        diff.added()
                .forEach(one -> text.append(" +").append(one.name()).append('-').append(one.version()));
        diff.removed()
                .forEach(one -> text.append(" -").append(one.name()).append('-').append(one.version()));
        diff.changed().forEach(one -> text.append(" ~")
                .append(one.before().name())
                .append('-')
                .append(one.before().version())
                .append('>')
                .append(one.after().version()));
        return text.toString();
    }

    @Test
    void tellsWhatCameWhatWentAndWhatChanged() {
        IcicleDiff diff = IcicleDiff.between(
                icicle("same 1 x", "gone 1 x", "new 1 x", "moved 1 x"),
                icicle("new 2 x", "come 3 x", "same 1 x", "moved 1 y"));

        assertThat(text(diff)).isEqualTo(" +come-3 -gone-1 ~moved-1>1 ~new-1>2");
        assertThat(diff.isEmpty()).isFalse();
    }

    @Test
    void theSamePackagesInAnotherOrderAreNoDifference() {
        assertThat(IcicleDiff.between(icicle("a 1 x", "b 2 x"), icicle("b 2 x", "a 1 x"))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void ofSeveralSideBySideThoseThatStayAreNotTold() {
        assertThat(text(IcicleDiff.between(icicle("kernel 1 x", "kernel 2 x"), icicle("kernel 2 x", "kernel 3 x"))))
                .isEqualTo(" ~kernel-1>3");
        assertThat(text(IcicleDiff.between(icicle("kernel 1 x", "kernel 2 x"), icicle("kernel 3 x"))))
                .isEqualTo(" +kernel-3 -kernel-1 -kernel-2");
    }

    @Test
    void aListOfNamesIsComparedByNamesAlone() {
        assertThat(text(IcicleDiff.between(icicle("a  ", "b  "), icicle("a 1 x", "c 1 x"))))
                .isEqualTo(" +c-1 -b-");
    }
}
