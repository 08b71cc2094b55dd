package org.oz4j.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JsonTest {
    @Test
    void writesEveryKindOfValue() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "a");
        map.put("number", 12L);
        map.put("fraction", 0.5);
        map.put("truth", true);
        map.put("list", List.of(1, "b", List.of(), Map.of()));

        assertThat(Json.write(map))
                .isEqualTo("{\"text\":\"a\",\"number\":12,\"fraction\":0.5,\"truth\":true,\"list\":[1,\"b\",[],{}]}");
        assertThat(Json.write(Arrays.asList("a", null))).isEqualTo("[\"a\",null]");
    }

    @Test
    void escapesWhatWouldBreakTheStringOrTheLine() {
        assertThat(Json.write("\"\\\n\r\t\u0000\u001b[0m\u007f\u0085\u2028"))
                .isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0000\\u001b[0m\\u007f\\u0085\\u2028\"");
    }

    @Test
    void leavesLettersOfAllScriptsAsTheyAreAndEscapesHalvesOfPairs() {
        assertThat(Json.write("Größe 漢 😀")).isEqualTo("\"Größe 漢 😀\"");
        assertThat(Json.write("\ud83d x \ude00")).isEqualTo("\"\\ud83d x \\ude00\"");
    }

    @Test
    void writesAPathAsText() {
        assertThat(Json.write(Path.of("/a/b"))).isEqualTo("\"/a/b\"");
    }

    @Test
    void writesNullForANumberThatJsonHasNot() {
        assertThat(Json.write(Double.NaN)).isEqualTo("null");
    }
}
