package org.oz4j.os.answers;

import java.io.UncheckedIOException;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AnswerTemplateTest {
    private static final String NASTY = "a 'b' <c> & \"$(d)\"";

    private static String fill(String name, Map<String, ?> values) {
        return AnswerTemplate.fill(AnswerTemplateTest.class, name, values);
    }

    @Test
    void valuesArriveAsDataInShellWordsAndJson() {
        assertThat(fill("words.sh.ftl", Map.of("text", NASTY, "number", 12345)))
                .isEqualTo("echo 'a '\\''b'\\'' <c> & \"$(d)\"' 12345\n{\"text\": \"a 'b' <c> & \\\"$(d)\\\"\"}\n");
    }

    @Test
    void valuesArriveAsDataInXml() {
        assertThat(fill("answers.xml.ftlx", Map.of("text", NASTY)))
                .isEqualTo("<a b=\"a &apos;b&apos; &lt;c&gt; &amp; &quot;$(d)&quot;\"/>\n");
    }

    @Test
    void whatIsMissingIsAnError() {
        assertThatThrownBy(() -> fill("answers.xml.ftlx", Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the template answers.xml.ftlx can't be filled in");
        assertThatThrownBy(() -> fill("none.ftl", Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("none.ftl is missing");
    }
}
