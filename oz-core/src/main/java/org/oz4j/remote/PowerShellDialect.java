package org.oz4j.remote;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.oz4j.GuestUnreachableException;

/**
 * Windows PowerShell, which has been part of Windows since version 7, and the built-in Administrator.
 *
 * <p>A script travels as {@code -EncodedCommand}, which no shell on the way can misread. It fails at the first error; a
 * template's own text fails too where the last program that it ran has failed.
 *
 * <p>Sources: Microsoft, "about_PowerShell_exe", "about_Quoting_Rules", and "Command prompt (Cmd.exe) command-line string
 * limitation" for the length. PowerShell hands its standard input to a command as lines of text, and so takes it away from
 * it, unless its input format is none: see ConsoleHost's Executor and WrappedDeserializer among its published sources.
 */
public record PowerShellDialect() implements GuestDialect {
    private static final Pattern RESTART =
            Pattern.compile("(?im)^\\s*(Restart-Computer\\b.*|shutdown(\\.exe)?\\s+/r\\b.*)\\s*\\z");
    private static final String START =
            "powershell.exe -NoLogo -NoProfile -NonInteractive -InputFormat None -OutputFormat Text -EncodedCommand ";

    /** What cmd.exe takes, which the ssh server has between, without what the server itself adds. */
    private static final int LONGEST = 8191 - 100;

    private static final String BEGIN =
            """
            $ErrorActionPreference='Stop'
            $ProgressPreference='SilentlyContinue'
            try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
            try{
            """;

    // PowerShell itself would tell an error as XML here
    private static final String END =
            """

            }catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
            """;

    private static final String STATUS = "\nexit ([int]$LASTEXITCODE)";

    /** The characters that PowerShell takes for a single quote. */
    private static final Pattern QUOTES = Pattern.compile("['\u2018\u2019\u201A\u201B]");

    /** A text that PowerShell takes as it is. */
    static String quote(String word) {
        return "'" + QUOTES.matcher(word).replaceAll("$0$0") + "'";
    }

    private static String quoted(Collection<String> words) {
        return words.stream().map(PowerShellDialect::quote).collect(Collectors.joining(","));
    }

    private static String script(String body) {
        byte[] text = (BEGIN + body + END).getBytes(StandardCharsets.UTF_16LE);
        String command = START + Base64.getEncoder().encodeToString(text);
        if (command.length() > LONGEST) {
            throw new GuestUnreachableException(
                    "A command for Windows is too long for its command line: " + command.length() + " of " + LONGEST
                            + " characters, once it is encoded",
                    "Put it into a file of the guest, and have that run",
                    null);
        }
        return command;
    }

    @Override
    public String administrator() {
        return "Administrator";
    }

    /**
     * A command of PowerShell; Windows PowerShell does not hand on words with double quotes to programs as they are, so use
     * it for cmdlets, whose words arrive so.
     */
    @Override
    public String command(Map<String, String> variables, List<String> words) {
        StringBuilder body = new StringBuilder();
        new TreeMap<>(variables).forEach((name, value) -> body.append("[Environment]::SetEnvironmentVariable(")
                .append(quoted(List.of(name, value)))
                .append(")\n"));
        body.append(words.stream().map(PowerShellDialect::quote).collect(Collectors.joining(" ", "& ", "")));
        return script(body + STATUS);
    }

    @Override
    public String text(String text) {
        return script(text + STATUS);
    }

    /** The mode is not used: a new file inherits its folder's access list. */
    @Override
    public String write(String path, String mode) {
        return script(
                "$path=" + quote(path)
                        + """

                [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
                $file=[IO.File]::Create($path)
                try{[Console]::OpenStandardInput().CopyTo($file)}finally{$file.Close()}""");
    }

    @Override
    public String read(String path) {
        return script(
                "$file=[IO.File]::OpenRead(" + quote(path)
                        + """
                )
                try{$file.CopyTo([Console]::OpenStandardOutput())}finally{$file.Close()}""");
    }

    @Override
    public String remove(Collection<String> paths) {
        return script(
                "foreach($path in @(" + quoted(paths) + ")){if([IO.File]::Exists($path)){[IO.File]::Delete($path)}}");
    }

    @Override
    public String scriptFile(String token) {
        return "C:\\Windows\\Temp\\oz-" + token + "\\script.ps1";
    }

    /** Its text is read as UTF-8, where no mark at its beginning tells another encoding. */
    @Override
    public String runScript(String file) {
        return script("$ozFile=" + quote(file)
                + """

                $ozScript=[ScriptBlock]::Create([IO.File]::ReadAllText($ozFile))
                [IO.Directory]::Delete([IO.Path]::GetDirectoryName($ozFile),$true)
                Set-Location C:\\
                & $ozScript"""
                + STATUS);
    }

    @Override
    public String sync() {
        return script(
                """
                Get-Volume|Where-Object {$_.DriveLetter -and $_.DriveType -eq 'Fixed'}|\
                ForEach-Object {Write-VolumeCache -DriveLetter $_.DriveLetter}""");
    }

    /** A service that was not tried to be started yet has the exit code 1077. */
    @Override
    public String settle() {
        return script(
                """
                while(Get-CimInstance Win32_Service -Filter "State='Start Pending'"){Start-Sleep -Seconds 1}
                $failed=@(Get-CimInstance Win32_Service -Filter "StartMode='Auto' AND State='Stopped'"|\
                Where-Object {$_.ExitCode -notin 0,1077})
                foreach($one in $failed){[Console]::Out.WriteLine("$($one.Name) failed with $($one.ExitCode)")}
                if($failed){exit 1}""");
    }

    @Override
    public String bootIdentity() {
        return script("[Console]::Out.WriteLine((Get-CimInstance Win32_OperatingSystem).LastBootUpTime.Ticks)");
    }

    @Override
    public boolean restarts(String script) {
        return RESTART.matcher(script.strip()).find();
    }

    /** Powers off for good: by itself, Windows may keep its kernel for a fast start, and its disk mounted. */
    @Override
    public String powerOff() {
        return "shutdown.exe /s /f /t 0";
    }

    /** The script itself, without what is around each. */
    @Override
    public String shown(String text) {
        if (!text.startsWith(START)) {
            return text;
        }
        String whole =
                new String(Base64.getDecoder().decode(text.substring(START.length())), StandardCharsets.UTF_16LE);
        return whole.substring(BEGIN.length(), whole.length() - END.length());
    }
}
