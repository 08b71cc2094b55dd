package org.oz4j.remote;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which scripts are known to restart the guest. */
class RestartTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "reboot",
                "apt-get -y dist-upgrade\nreboot\n\n",
                "  /sbin/reboot  ",
                "shutdown -r now",
                "true\nsystemctl reboot",
                "init 6"
            })
    void aScriptWhoseLastLineRestartsIsKnown(String script) {
        assertThat(new PosixDialect().restarts(script)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reboot\ntrue",
                "echo reboot",
                "# reboot",
                "shutdown -h now",
                "[ -e /run/reboot-required ] && reboot",
                "reboot-notifier",
                "rebooted",
                ""
            })
    void anotherScriptIsNot(String script) {
        assertThat(new PosixDialect().restarts(script)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Restart-Computer -Force", "'x'\r\nrestart-computer\r\n", "shutdown /r /t 0", "shutdown.exe /r"})
    void windowsHasItsOwnWords(String script) {
        assertThat(new PowerShellDialect().restarts(script)).isTrue();
        assertThat(new PosixDialect().restarts(script)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Restart-Computer\n'x'", "shutdown /s", "Restart-Service sshd", "reboot"})
    void otherWordsOfWindowsAreNotTaken(String script) {
        assertThat(new PowerShellDialect().restarts(script)).isFalse();
    }
}
