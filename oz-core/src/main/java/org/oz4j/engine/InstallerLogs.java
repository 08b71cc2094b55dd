package org.oz4j.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.oz4j.ImageFormat;
import org.oz4j.disk.FileStat;
import org.oz4j.disk.FileType;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.disk.ImageInspector;
import org.oz4j.disk.ImageOpener;

/**
 * The logs that an installer has left on the disk: they tell more than what it prints.
 *
 * <p>Sources, by place: {@code /var/log/installer}: Debian's installation guide, section 6.3.9.2, and the same of Ubuntu's
 * autoinstall; {@code /var/log/anaconda}, {@code /root/install.log}: Red Hat's "Installation log files" and Fedora's wiki,
 * "Anaconda/Logging"; {@code /var/log/YaST2}: AutoYaST Guide, "Log files"; {@code Panther}: Microsoft's "Windows Setup log
 * files and event logs"; {@code /root/drakx}: DrakX; {@code /var/log/bsdinstall_log}: FreeBSD's bsdinstall(8).
 */
final class InstallerLogs {
    /** The folder in the evidence. */
    static final String FOLDER = "installer-logs";

    private static final int LARGEST = 8 << 20; // in bytes
    private static final int MOST = 40;
    private static final int LAST_LINES = 40;

    private static final List<String> PLACES = List.of(
            "/var/log/installer",
            "/var/log/anaconda",
            "/root/install.log",
            "/var/log/YaST2",
            "/root/drakx",
            "/var/log/archinstall",
            "/var/log/bsdinstall_log",
            "/Windows/Panther",
            "/$WINDOWS.~BT/Sources/Panther");
    /** What holds answers, such as subiquity's autoinstall-user-data, is no log. */
    private static final Pattern LOG = Pattern.compile(
            "(?i).*\\.log(\\.\\d+)?|syslog|partman|installer-journal\\.txt|y2log(-\\d+)?|bsdinstall_log");

    /** A password's hash, as crypt(5) writes it. */
    private static final Pattern HASH = Pattern.compile("\\$(?:1|2[abxy]|5|6|7|y|gy)\\$[./0-9A-Za-z$=,-]{20,}");

    private InstallerLogs() {}

    /**
     * Copies them, without the product key and passwords' hashes, into the evidence; the machine must have ended.
     *
     * @param evidence the folder of the evidence
     * @return the last lines of each
     * @throws org.oz4j.OzException where the disk can't be opened
     */
    static List<String> copy(GuestBuild build, Path evidence, Progress progress)
            throws IOException, InterruptedException {
        Path disk = build.file(InstallSteps.disk(0));
        ImageFormat format = build.format(0).whileInstalling();
        List<String> last = new ArrayList<>();
        if (!ImageInspector.inspect(disk, format).hasFileSystem()) {
            return last;
        }
        progress.notice("Looking for the installer's logs on the disk");
        try (GuestFilesystem files =
                build.engine.images().open(disk, format, ImageOpener.Mode.READ_ONLY, build.folder())) {
            for (String path : paths(files)) {
                String whole = new String(files.read(path), StandardCharsets.ISO_8859_1);
                String text = HASH.matcher(InstallSteps.masked(build, whole))
                        .replaceAll(Matcher.quoteReplacement(Secrets.MASK));
                Path target = evidence.resolve(FOLDER).resolve(path.substring(1).replace('/', '_'));
                Files.createDirectories(target.getParent());
                Files.writeString(target, text, StandardCharsets.ISO_8859_1);
                List<String> lines = text.lines().toList();
                last.addAll(lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
            }
        }
        return last;
    }

    private static List<String> paths(GuestFilesystem files) throws InterruptedException {
        List<String> found = new ArrayList<>();
        for (String place : PLACES) {
            Optional<FileStat> stat = files.stat(place);
            if (stat.isPresent() && stat.get().type() == FileType.FOLDER) {
                for (String name : files.list(place)) {
                    String path = place + "/" + name;
                    if (LOG.matcher(name).matches() && isText(files.stat(path))) {
                        found.add(path);
                    }
                }
            } else if (isText(stat)) {
                found.add(place);
            }
        }
        return found.subList(0, Math.min(MOST, found.size()));
    }

    private static boolean isText(Optional<FileStat> stat) {
        return stat.filter(each -> each.type() == FileType.FILE && each.size() > 0 && each.size() <= LARGEST)
                .isPresent();
    }
}
