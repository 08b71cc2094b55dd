package org.oz4j.config;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class LoopbackTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "a.b.localhost", "LOCALHOST.localdomain.", "127.0.0.1", "127.1", "0.0.0.0", "[::1]"
            })
    void isTheHostItself(String host) {
        String url = "http://me:secret@" + host + ":8080/r";

        assertThat(Loopback.isHost(host)).isTrue();
        assertThat(Loopback.find("from " + url)).contains("http://me:secret@" + host);
        assertThat(Loopback.asGuestSees(url)).isEqualTo("http://me:secret@10.0.2.2:8080/r");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost.example.org", "mylocalhost", "128.0.0.1", "10.0.2.2", "[::2]"})
    void isAnotherHost(String host) {
        String url = "http://" + host + "/r";

        assertThat(Loopback.isHost(host)).isFalse();
        assertThat(Loopback.find(url)).isEmpty();
        assertThat(Loopback.asGuestSees(url)).isEqualTo(url);
    }

    @Test
    void readsATextOfAnyLength() {
        String url = "http://" + "a.".repeat(20_000) + "localhost/r";

        assertThat(Loopback.find(url)).isEmpty();
    }
}
