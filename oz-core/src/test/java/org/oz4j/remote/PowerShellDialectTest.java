package org.oz4j.remote;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.oz4j.GuestUnreachableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PowerShellDialectTest {
    private static final Pattern ENCODED =
            Pattern.compile("powershell\\.exe( -[A-Za-z]+| None| Text)+ ([A-Za-z0-9+/=]+)");

    /** What would be more than data to PowerShell, to cmd.exe or to the program's own parser. */
    private static final List<String> NASTY = List.of(
            "it's",
            "it''s",
            "'",
            "''",
            "\u2019; Remove-Item C:\\ -Recurse; \u2018",
            "a\u2018b\u2019c\u201Ad\u201Be",
            "'\u2019",
            "\u2019'",
            "say \"hello\"",
            "\u201Cquoted\u201D \u201E",
            "$(Stop-Computer)",
            "${env:PATH} $x $_",
            "`n`0`$ tick ` and \\",
            "two\nlines",
            "two\r\nlines",
            "'@\n$(evil)\n@'",
            "-Force",
            "--",
            "/?",
            "%PATH% !x! ^& | < > ( ) ; ,",
            "# no comment <# #>",
            "@(1) @{a=1} [int] {x}",
            "trailing\\",
            "",
            " ",
            "\u00E4\u20AC\uD83D\uDE00");

    private final GuestDialect dialect = new PowerShellDialect();

    private static String script(String command) {
        Matcher matcher = ENCODED.matcher(command);
        assertThat(matcher.matches()).as(command).isTrue();
        return new String(Base64.getDecoder().decode(matcher.group(2)), StandardCharsets.UTF_16LE);
    }

    private String of(String what) {
        return switch (what) {
            case "command" -> dialect.command(Map.of("B", "2", "A", "it's"), List.of("Get-Item", "-Path", "C:\\it's"));
            case "text" -> dialect.text("systeminfo.exe\nGet-Date");
            case "write" -> dialect.write("C:\\a b\\it's.txt", "0644");
            case "read" -> dialect.read("C:\\a b\\it's.txt");
            case "identity" -> dialect.bootIdentity();
            case "remove" -> dialect.remove(List.of("C:\\a", "C:\\it's"));
            case "run" -> dialect.runScript(dialect.scriptFile("0123"));
            case "sync" -> dialect.sync();
            default -> dialect.settle();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"command", "text", "write", "read", "identity", "remove", "run", "sync", "settle"})
    void writesTheScript(String what) throws Exception {
        try (InputStream golden = Objects.requireNonNull(getClass().getResourceAsStream(what + ".ps1"), what)) {
            assertThat(script(of(what))).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void whatComesFromElsewhereIsDataInEachScript() {
        List<UnaryOperator<String>> scripts = List.of(
                name -> dialect.write(name, "0644"),
                dialect::read,
                name -> dialect.remove(List.of(name, "C:\\other")),
                dialect::runScript,
                name -> dialect.command(Map.of("A", name), List.of("Get-Item", name)),
                name -> dialect.command(Map.of(), List.of(name)));
        List<String> checked = new ArrayList<>();
        for (UnaryOperator<String> script : scripts) {
            PowerShellReader plain = PowerShellReader.read(script(script.apply("plain")));
            for (String name : NASTY) {
                PowerShellReader read = PowerShellReader.read(script(script.apply(name)));
                assertThat(read.rest()).as(name).isEqualTo(plain.rest());
                assertThat(read.texts())
                        .as(name)
                        .isEqualTo(plain.texts().stream()
                                .map(text -> text.equals("plain") ? name : text)
                                .toList());
                checked.add(name);
            }
        }
        System.out.println(
                checked.size() + " scripts hold what they were given as data, of " + NASTY.size() + " names");
        assertThat(checked).hasSize(scripts.size() * NASTY.size());
    }

    /** Or the test above could not fail. */
    @Test
    void theReaderSeesTextsThatEndTooEarly() {
        assertThat(PowerShellReader.read("$a='x\u2019; evil; \u2018'").rest()).contains("evil");
        assertThat(PowerShellReader.read("$a='it''s'").texts()).containsExactly("it's");
        assertThatThrownBy(() -> PowerShellReader.read("$a='it's'")).hasMessageContaining("does not end");
    }

    @Test
    void aScriptThatCommandLinesAreTooShortForIsRefused() {
        assertThat(script(dialect.text("x".repeat(2500)))).contains("x".repeat(2500));
        assertThatThrownBy(() -> dialect.text("x".repeat(3000)))
                .isInstanceOf(GuestUnreachableException.class)
                .hasMessageContaining("too long for its command line: ")
                .hasMessageContaining("Put it into a file");
    }

    @Test
    void peopleSeeTheScript() {
        assertThat(dialect.shown(dialect.write("C:\\a", "0644"))).startsWith("$path='C:\\a'\n");
        assertThat(dialect.shown(dialect.powerOff())).isEqualTo("shutdown.exe /s /f /t 0");
    }
}
