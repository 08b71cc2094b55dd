package org.oz4j.template;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.oz4j.Arch;
import org.oz4j.template.Template.ChecksumSource;
import org.oz4j.template.Template.Command;
import org.oz4j.template.Template.Content;
import org.oz4j.template.Template.Extra;
import org.oz4j.template.Template.GuestFile;
import org.oz4j.template.Template.Install;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Os;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/** Turns a template's elements into its records, and notes every value that won't do. */
final class TdlChecker {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern GUEST_PATH = Pattern.compile("/[^/].*|[A-Za-z]:[\\\\/].+");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern NOT_XML = Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\uFFFE\\uFFFF]|\\p{Cs}");
    private static final List<String> SCHEMES = List.of("http", "https", "ftp", "file");
    private static final URI NOWHERE = URI.create("file:///");

    private final Findings findings;

    TdlChecker(Findings findings) {
        this.findings = findings;
    }

    /** The template; of use only where nothing was found. */
    Template check(Tdl.Root root) {
        String version = strip(root.version);
        if (version == null) {
            findings.add(root, "<template> lacks its attribute version; write version=\"1.0\"");
        } else if (!version.equals("1.0")) {
            findings.add(root, "version \"" + shown(version) + "\" is not known; this reads version 1.0");
        }
        String name = line(root, root.name, "name");
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
            findings.add(
                    root.name,
                    "name \"" + shown(name) + "\" can't name a file and a guest; allowed are 1 to 64 letters (a-z),"
                            + " digits, '.', '_' and '-', beginning with a letter or digit");
        }
        return new Template(
                "1.0",
                name,
                optional(root.description, "description"),
                os(root),
                diskSize(root.disk),
                repositories(root.repositories),
                packages(root.packages),
                files(root.files),
                commands(root.precommands),
                commands(root.commands));
    }

    private Os os(Tdl.Root root) {
        Tdl.OperatingSystem os = root.os;
        if (os == null) {
            findings.add(root, "<template> lacks <os>");
            return new Os(
                    "",
                    "",
                    Arch.X86_64,
                    nowhere(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
        String label = line(os, os.arch, "arch");
        Optional<Arch> arch = Arch.of(label);
        if (!label.isEmpty() && arch.isEmpty()) {
            findings.add(os.arch, "arch \"" + shown(label) + "\" is not known; allowed are " + arches());
        }
        Optional<String> icicle = Optional.empty();
        if (os.icicle != null) {
            icicle = Optional.of(line(os.icicle, os.icicle.extraCommand, "extra_command"));
        }
        return new Os(
                line(os, os.name, "name"),
                line(os, os.version, "version"),
                arch.orElse(Arch.X86_64),
                install(os),
                secret(os.key, "key"),
                secret(os.rootpw, "rootpw"),
                optionalLine(os.kernelparam, "kernelparam", false),
                icicle);
    }

    private static String arches() {
        return Arrays.stream(Arch.values()).map(Arch::toString).collect(Collectors.joining(", "));
    }

    private static Install nowhere() {
        return new Install(InstallType.URL, NOWHERE, Optional.empty(), List.of());
    }

    private Install install(Tdl.OperatingSystem os) {
        Tdl.Medium medium = os.install;
        if (medium == null) {
            findings.add(os, "<os> lacks <install>, which says what to install from: a url or an iso");
            return nowhere();
        }
        String type = strip(medium.type);
        if (type == null) {
            findings.add(medium, "<install> lacks its attribute type; allowed are url and iso");
            return nowhere();
        }
        return switch (type) {
            case "url" -> tree(medium);
            case "iso" -> image(medium);
            default -> {
                findings.add(medium, "install type \"" + shown(type) + "\" is not known; allowed are url and iso");
                yield nowhere();
            }
        };
    }

    private Install tree(Tdl.Medium medium) {
        for (Tdl.@Nullable Node other : Arrays.<Tdl.@Nullable Node>asList(
                medium.iso, medium.md5sum, medium.sha1sum, medium.sha256sum, medium.extras)) {
            if (other != null) {
                findings.add(
                        other,
                        "<install type=\"url\"> takes <url> alone; <iso>, sums and <extras> go with type=\"iso\"");
            }
        }
        if (medium.url == null && medium.iso != null) {
            return nowhere(); // said already: the one stands where the other belongs
        }
        return new Install(InstallType.URL, location(medium, medium.url, "url"), Optional.empty(), List.of());
    }

    private Install image(Tdl.Medium medium) {
        if (medium.url != null) {
            findings.add(medium.url, "<install type=\"iso\"> takes <iso>; <url> goes with type=\"url\"");
            if (medium.iso == null) {
                return nowhere();
            }
        }
        return new Install(
                InstallType.ISO, location(medium, medium.iso, "iso"), checksum(medium), extras(medium.extras));
    }

    private Optional<ChecksumSource> checksum(Tdl.Medium medium) {
        List<ChecksumSource> sums = new ArrayList<>();
        addSum(sums, medium, medium.md5sum, "md5sum", "MD5");
        addSum(sums, medium, medium.sha1sum, "sha1sum", "SHA-1");
        addSum(sums, medium, medium.sha256sum, "sha256sum", "SHA-256");
        List<Tdl.@Nullable Text> nodes =
                new ArrayList<>(Arrays.asList(medium.md5sum, medium.sha1sum, medium.sha256sum));
        nodes.removeIf(Objects::isNull);
        nodes.sort(Comparator.comparing(node -> node == null ? null : node.spot, Spot.IN_ORDER));
        for (Tdl.@Nullable Text surplus : nodes.subList(Math.min(1, nodes.size()), nodes.size())) {
            findings.add(
                    surplus, "<install> has " + nodes.size() + " checksums; give one of md5sum, sha1sum, sha256sum");
        }
        return sums.stream().findFirst();
    }

    private void addSum(
            List<ChecksumSource> sums, Tdl.Medium medium, Tdl.@Nullable Text sum, String element, String algorithm) {
        if (sum != null) {
            sums.add(new ChecksumSource(algorithm, location(medium, sum, element)));
        }
    }

    private List<Extra> extras(Tdl.@Nullable Extras extras) {
        List<Extra> made = new ArrayList<>();
        for (Tdl.Addition item : extras == null ? List.<Tdl.Addition>of() : extras.items) {
            boolean directory = item instanceof Tdl.ExtraDirectory;
            String element = directory ? "directory" : "file";
            String destination = attribute(item, item.destination, element, "destination");
            if (Arrays.asList(destination.split("[/\\\\]")).contains("..")) {
                findings.add(
                        item, "destination \"" + shown(destination) + "\" leaves the medium; write a path without ..");
            }
            String source = attribute(item, item.source, element, "source");
            if (!source.isEmpty()) {
                URI from = uri(item, source, "source");
                if (directory && String.valueOf(from.getScheme()).startsWith("http")) {
                    findings.add(
                            item,
                            "directory source \"" + shown(source) + "\" is refused: a web server has no way to list a"
                                    + " folder; name each <file>, or use ftp or file");
                }
                made.add(new Extra(directory, from, destination));
            }
        }
        return made;
    }

    private OptionalLong diskSize(Tdl.@Nullable Disk disk) {
        if (disk == null) {
            return OptionalLong.empty();
        }
        String size = line(disk, disk.size, "size");
        OptionalLong bytes = DiskSize.parse(size);
        if (!size.isEmpty() && bytes.isEmpty()) {
            findings.add(
                    disk.size,
                    "disk size \"" + shown(size) + "\" is not a size from 1 b to 8 EiB; allowed is "
                            + DiskSize.ALLOWED);
        }
        return bytes;
    }

    private List<Repository> repositories(Tdl.@Nullable Repositories repositories) {
        List<Repository> made = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Tdl.Source item : repositories == null ? List.<Tdl.Source>of() : repositories.items) {
            String name = attribute(item, item.name, "repository", "name");
            unique(names, item, "repository", name);
            if (name.startsWith(".") || name.matches(".*[/\\\\\\[\\]].*")) {
                findings.add(
                        item,
                        "repository name \"" + shown(name)
                                + "\" can't name a file in the guest; write it without a leading '.' and without"
                                + " '/', '\\', '[' and ']'");
            }
            made.add(new Repository(
                    name,
                    line(item, item.url, "url"),
                    flag(item.signed, "signed", false),
                    flag(item.persisted, "persisted", true),
                    flag(item.sslverify, "sslverify", false)));
        }
        return made;
    }

    private List<PackageRequest> packages(Tdl.@Nullable Packages packages) {
        List<PackageRequest> made = new ArrayList<>();
        for (Tdl.Request item : packages == null ? List.<Tdl.Request>of() : packages.items) {
            String name = attribute(item, item.name, "package", "name");
            if (name.startsWith("-")) {
                findings.add(
                        item,
                        "package name \"" + shown(name) + "\" would be taken for an option; options go into"
                                + " <arguments>");
            }
            made.add(new PackageRequest(
                    name,
                    optionalLine(item.repository, "repository", true),
                    optionalLine(item.file, "file", true),
                    optionalLine(item.arguments, "arguments", false)));
        }
        return made;
    }

    private List<GuestFile> files(Tdl.@Nullable Files files) {
        List<GuestFile> made = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Tdl.Payload item : files == null ? List.<Tdl.Payload>of() : files.items) {
            String path = attribute(item, item.name, "file", "name");
            unique(names, item, "file", path);
            boolean climbs = Arrays.asList(path.split("[/\\\\]")).contains("..");
            if (!path.isEmpty()
                    && (climbs
                            || path.endsWith("/")
                            || !GUEST_PATH.matcher(path).matches())) {
                findings.add(
                        item,
                        "file name \"" + shown(path) + "\" is not the absolute path of a file, such as /etc/motd,"
                                + " without ..");
            }
            made.add(new GuestFile(path, content(item, false)));
        }
        return made;
    }

    private List<Command> commands(Tdl.@Nullable Commands commands) {
        List<Tdl.Payload> items = commands == null ? List.of() : commands.items;
        Set<String> names = new HashSet<>();
        List<Placed> placed = new ArrayList<>();
        for (Tdl.Payload item : items) {
            String name = attribute(item, item.name, "command", "name");
            unique(names, item, "command", name);
            placed.add(new Placed(position(item), new Command(name, content(item, true))));
        }
        checkPositions(items, placed);
        return placed.stream()
                .sorted(Comparator.comparingInt(Placed::position))
                .map(Placed::command)
                .toList();
    }

    /** A command and its position; 0 for none, -1 for a wrong one. */
    private record Placed(int position, Command command) {}

    private int position(Tdl.Payload item) {
        String text = strip(item.position);
        if (text == null) {
            return 0;
        }
        if (!text.matches("0*[1-9][0-9]{0,5}")) {
            findings.add(item, "position \"" + shown(text) + "\" is not a whole number from 1");
            return -1;
        }
        return Integer.parseInt(text);
    }

    private void checkPositions(List<Tdl.Payload> items, List<Placed> placed) {
        if (placed.stream().allMatch(one -> one.position == 0)
                || placed.stream().anyMatch(one -> one.position < 0)) {
            return;
        }
        Set<Integer> taken = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            int position = placed.get(i).position;
            String who = "command \"" + shown(placed.get(i).command.name()) + "\"";
            if (position == 0) {
                findings.add(items.get(i), who + " has no position while others have; give all commands one, or none");
            } else if (position > items.size()) {
                findings.add(
                        items.get(i),
                        who + " has position " + position + "; the positions of " + items.size()
                                + " commands run from 1 to " + items.size() + " without a gap");
            } else if (!taken.add(position)) {
                findings.add(items.get(i), who + " has position " + position + ", which another command has too");
            }
        }
    }

    private Content content(Tdl.Payload item, boolean command) {
        String type = item.type == null ? "raw" : item.type.strip();
        String element = command ? "command" : "file";
        String text = item.text == null ? "" : item.text;
        if (NOT_XML.matcher(text).find()) {
            findings.add(item, "<" + element + "> holds a character that XML can't; use type=\"base64\"");
        }
        if (text.isBlank() && (command || !type.equals("raw"))) {
            findings.add(item, "<" + element + "> is empty");
            return new Content.Text("");
        }
        return switch (type) {
            // A file's white space is its own; a script must begin with its #!.
            case "raw" -> new Content.Text(command ? text.strip() : text);
            case "base64" -> base64(item, text.replaceAll("\\s", ""), element);
            case "url" -> new Content.Url(uri(item, text.strip(), element));
            default -> {
                findings.add(
                        item, element + " type \"" + shown(type) + "\" is not known; allowed are raw, base64 and url");
                yield new Content.Text(text);
            }
        };
    }

    private Content base64(Tdl.Payload item, String encoded, String element) {
        try {
            Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            findings.add(item, "<" + element + "> is not base64: " + e.getMessage());
        }
        return new Content.Base64(encoded);
    }

    private boolean flag(Tdl.@Nullable Text node, String element, boolean byDefault) {
        if (node == null) {
            return byDefault;
        }
        String value = node.text == null ? "" : node.text.strip();
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> true;
            case "no", "false", "off", "0" -> false;
            default -> {
                findings.add(
                        node,
                        element + " \"" + shown(value) + "\" is neither yes nor no (or true, false, on, off, 1, 0)");
                yield byDefault;
            }
        };
    }

    private URI location(Tdl.Node parent, Tdl.@Nullable Text node, String element) {
        String text = line(parent, node, element);
        return text.isEmpty() || node == null ? NOWHERE : uri(node, text, element);
    }

    private URI uri(Tdl.Node node, String text, String what) {
        String allowed = "; allowed are addresses with " + String.join(", ", SCHEMES) + ", such as ";
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean local = scheme.equals("file");
            if (!SCHEMES.contains(scheme)) {
                String example = text.startsWith("/") ? "file://" + shown(text) : "https://example.org/file";
                findings.add(
                        node, what + " \"" + shown(text) + "\" is no address that can be fetched" + allowed + example);
            } else if (!local && (uri.getHost() == null || uri.getHost().isEmpty())) {
                findings.add(
                        node, what + " \"" + shown(text) + "\" names no server" + allowed + scheme + "://example.org/");
            } else if (local && (uri.getPath() == null || !uri.getPath().startsWith("/") || uri.getHost() != null)) {
                findings.add(
                        node,
                        what + " \"" + shown(text) + "\" is no file of this host; write file:///path/of/the/file");
            } else {
                return uri;
            }
        } catch (URISyntaxException e) {
            findings.add(
                    node,
                    what + " \"" + shown(text) + "\" is no address: "
                            + e.getReason().toLowerCase(Locale.ROOT) + " at its character " + (e.getIndex() + 1)
                            + " (a space is written %20)");
        }
        return NOWHERE;
    }

    /** The value of a child that must be there and be one line; empty where it is not. */
    private String line(Tdl.Node parent, Tdl.@Nullable Text node, String element) {
        if (node == null) {
            findings.add(parent, "<" + element + "> is missing here");
            return "";
        }
        return optionalLine(node, element, true).orElse("");
    }

    private Optional<String> optionalLine(Tdl.@Nullable Text node, String element, boolean mustSay) {
        if (node == null) {
            return Optional.empty();
        }
        String value = node.text == null ? "" : node.text.strip();
        if (value.isEmpty()) {
            if (mustSay) {
                findings.add(node, "<" + element + "> is empty");
            }
            return Optional.empty();
        }
        if (CONTROL.matcher(value).find()) {
            findings.add(node, "<" + element + "> holds a line break or control character; write one line of text");
            return Optional.empty();
        }
        return Optional.of(value);
    }

    /** As other lines, whose messages quote no value either. */
    private Optional<String> secret(Tdl.@Nullable Text node, String element) {
        return optionalLine(node, element, true);
    }

    private Optional<String> optional(Tdl.@Nullable Text node, String element) {
        if (node == null || node.text == null || node.text.isBlank()) {
            return Optional.empty();
        }
        if (NOT_XML.matcher(node.text).find()) {
            findings.add(node, "<" + element + "> holds a character that XML can't");
        }
        return Optional.of(node.text.strip());
    }

    private String attribute(Tdl.Node node, @Nullable String value, String element, String attribute) {
        String stripped = strip(value);
        if (stripped == null) {
            findings.add(node, "<" + element + "> lacks its attribute " + attribute);
            return "";
        }
        if (stripped.isEmpty()) {
            findings.add(node, "the attribute " + attribute + " of <" + element + "> is empty");
        } else if (CONTROL.matcher(stripped).find()) {
            findings.add(node, "the attribute " + attribute + " of <" + element + "> holds a control character");
        }
        return stripped;
    }

    private void unique(Set<String> names, Tdl.Node node, String element, String name) {
        if (!name.isEmpty() && !names.add(name)) {
            findings.add(node, element + " name \"" + shown(name) + "\" is used twice; each needs a name of its own");
        }
    }

    private static @Nullable String strip(@Nullable String text) {
        return text == null ? null : text.strip();
    }

    /** A value as messages show it: without credentials, and no longer than a line. */
    private static String shown(String value) {
        String safe = value.replaceAll("//[^/@\\s]*@", "//***@").replaceAll("\\p{Cntrl}", "?");
        return safe.length() <= 100 ? safe : safe.substring(0, 100) + "...";
    }
}
