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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.oz4j.Arch;
import org.oz4j.Problem;
import org.oz4j.template.Tdl.ContentElement;
import org.oz4j.template.Tdl.ExtraElement;
import org.oz4j.template.Tdl.InstallElement;
import org.oz4j.template.Tdl.OsElement;
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

/** Turns bound XML into a template, and collects every mistake that the schema can't see. */
final class TemplateBinder {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}");
    private static final Pattern REPOSITORY_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9 ._:-]*");
    private static final Set<String> MEDIA_SCHEMES = Set.of("http", "https", "ftp", "file");

    private final Map<Object, Problem> places;
    private final Problem nowhere;
    private final List<Problem> problems;

    TemplateBinder(Map<Object, Problem> places, Problem nowhere, List<Problem> problems) {
        this.places = places;
        this.nowhere = nowhere;
        this.problems = problems;
    }

    /** The template; null, or one not to be used, where problems were found. */
    @Nullable
    Template bind(Tdl tdl) {
        String version = tdl.version == null ? "1.0" : tdl.version.strip();
        if (!version.equals("1.0")) {
            problem(tdl, "the template's version is '" + version + "'; this version of Oz knows 1.0");
        }
        String name = text(tdl.name);
        if (!NAME.matcher(name).matches()) {
            problem(
                    tdl,
                    "the name '" + name + "' can't be a file name: use letters, digits, dots, hyphens and underscores,"
                            + " 64 at most, not beginning with a dot or hyphen");
        }
        Optional<Os> os = tdl.os == null ? Optional.empty() : os(tdl.os);
        OptionalLong size = diskSize(tdl);
        List<Repository> repositories =
                tdl.repositories.stream().map(this::repository).toList();
        unique(tdl, "repositories", repositories.stream().map(Repository::name));
        List<PackageRequest> packages = tdl.packages.stream()
                .map(each -> new PackageRequest(
                        required(each, "name", each.name),
                        optional(each.repository),
                        optional(each.file),
                        optional(each.arguments)))
                .toList();
        List<GuestFile> files = tdl.files.stream().map(this::guestFile).toList();
        unique(tdl, "files", files.stream().map(GuestFile::path));
        List<Command> before = commands(tdl, "precommands", tdl.precommands);
        List<Command> after = commands(tdl, "commands", tdl.commands);
        return os.map(known -> new Template(
                        version,
                        name,
                        optional(tdl.description),
                        known,
                        size,
                        repositories,
                        packages,
                        files,
                        before,
                        after))
                .orElse(null);
    }

    private void problem(Object element, String message) {
        Problem place = places.getOrDefault(element, nowhere);
        problems.add(new Problem(place.source(), place.line(), place.column(), message));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value.strip();
    }

    private static Optional<String> optional(@Nullable String value) {
        String text = text(value);
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private String required(Object element, String what, @Nullable String value) {
        String text = text(value);
        if (text.isEmpty()) {
            problem(element, "the " + what + " is empty");
        }
        return text;
    }

    private void unique(Object element, String list, Stream<String> names) {
        Set<String> seen = new HashSet<>();
        names.filter(name -> !name.isEmpty() && !seen.add(name))
                .distinct()
                .forEach(name -> problem(element, "two " + list + " are called '" + name + "'"));
    }

    private Optional<Os> os(OsElement os) {
        String name = required(os, "os name", os.name);
        String version = required(os, "os version", os.version);
        Optional<Arch> arch = Arch.of(text(os.arch));
        if (arch.isEmpty()) {
            problem(
                    os,
                    "the arch '" + text(os.arch) + "' is not known: use one of "
                            + Arrays.stream(Arch.values()).map(Arch::toString).collect(Collectors.joining(", ")));
        }
        Optional<String> password = Optional.ofNullable(os.rootpw).map(String::strip);
        if (password.isPresent() && password.get().isEmpty()) {
            problem(os, "the root password is empty; leave <rootpw> out to have none");
        }
        if (password.isPresent() && password.get().chars().anyMatch(c -> c < ' ')) {
            problem(os, "the root password has control characters in it");
        }
        Optional<String> parameters = optional(os.kernelparam);
        if (parameters.isPresent() && parameters.get().chars().anyMatch(c -> c < ' ')) {
            problem(os, "the kernel parameters must be on one line");
        }
        Optional<Install> install = os.install == null ? Optional.empty() : install(os.install);
        if (arch.isEmpty() || install.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Os(
                name,
                version,
                arch.get(),
                install.get(),
                optional(os.key),
                password,
                parameters,
                os.icicle == null ? Optional.empty() : optional(os.icicle.extraCommand)));
    }

    private Optional<Install> install(InstallElement install) {
        String type = text(install.type);
        if (!type.equals("url") && !type.equals("iso")) {
            problem(install, "the install type is '" + type + "': use url or iso");
            return Optional.empty();
        }
        boolean iso = type.equals("iso");
        if (iso ? install.iso == null : install.url == null) {
            problem(install, "an install of type '" + type + "' needs the element <" + type + ">");
            return Optional.empty();
        }
        if (iso ? install.url != null : install.iso != null) {
            problem(
                    install,
                    "an install of type '" + type + "' can't have the element <" + (iso ? "url" : "iso") + ">");
        }
        Optional<URI> location = address(install, "install", iso ? install.iso : install.url, MEDIA_SCHEMES);
        List<ChecksumSource> sums = new ArrayList<>();
        sum(install, "MD5", install.md5sum).ifPresent(sums::add);
        sum(install, "SHA-1", install.sha1sum).ifPresent(sums::add);
        sum(install, "SHA-256", install.sha256sum).ifPresent(sums::add);
        if (sums.size() > 1) {
            problem(install, "there is more than one checksum; give md5sum, sha1sum or sha256sum");
        }
        if (!iso && !sums.isEmpty()) {
            problem(install, "an install of type 'url' can't have a checksum: there is no one file to check");
        }
        List<Extra> extras = new ArrayList<>();
        if (install.extras != null) {
            if (!iso) {
                problem(install, "an install of type 'url' can't have extras: there is no medium to add them to");
            }
            install.extras.files.forEach(each -> extra(each, false).ifPresent(extras::add));
            install.extras.directories.forEach(each -> extra(each, true).ifPresent(extras::add));
        }
        return location.map(place -> new Install(
                iso ? InstallType.ISO : InstallType.URL, place, sums.stream().findFirst(), extras));
    }

    private Optional<ChecksumSource> sum(Object element, String algorithm, @Nullable String value) {
        return value == null
                ? Optional.empty()
                : address(element, "checksum", value, MEDIA_SCHEMES).map(place -> new ChecksumSource(algorithm, place));
    }

    private Optional<Extra> extra(ExtraElement element, boolean directory) {
        String destination = required(element, "destination", element.destination);
        if (Arrays.asList(destination.split("/")).contains("..")) {
            problem(element, "the destination '" + destination + "' leads out of the medium");
        }
        Optional<URI> source = address(element, "source", element.source, MEDIA_SCHEMES);
        if (directory
                && source.isPresent()
                && Set.of("http", "https").contains(source.get().getScheme())) {
            problem(element, "a directory can't be fetched over http, which does not list files: " + source.get());
        }
        return source.map(place -> new Extra(directory, place, destination));
    }

    private Optional<URI> address(Object element, String what, @Nullable String value, Set<String> schemes) {
        String text = text(value);
        try {
            URI uri = new URI(text);
            if (uri.getScheme() != null && schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
                if (uri.getScheme().equals("file") || uri.getHost() != null) {
                    return Optional.of(uri);
                }
            }
            problem(
                    element,
                    "the " + what + " address '" + text + "' can't be used: it must begin with "
                            + schemes.stream().sorted().map(each -> each + ":").collect(Collectors.joining(", "))
                            + " and name a host or a file");
        } catch (URISyntaxException e) {
            problem(element, "the " + what + " address '" + text + "' is none: " + e.getReason());
        }
        return Optional.empty();
    }

    private OptionalLong diskSize(Tdl tdl) {
        if (tdl.disk == null || tdl.disk.size == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(DiskSize.parse(tdl.disk.size.strip()));
        } catch (IllegalArgumentException e) {
            problem(tdl.disk, String.valueOf(e.getMessage()));
            return OptionalLong.empty();
        }
    }

    private Repository repository(Tdl.RepositoryElement element) {
        String name = required(element, "name of a repository", element.name);
        if (!name.isEmpty() && !REPOSITORY_NAME.matcher(name).matches()) {
            problem(element, "the repository name '" + name + "' becomes a file name: use letters, digits, . _ : -");
        }
        return new Repository(
                name,
                required(element, "url of the repository '" + name + "'", element.url),
                yes(element, "signed", element.signed, true),
                yes(element, "persisted", element.persisted, true),
                yes(element, "sslverify", element.sslverify, true));
    }

    private boolean yes(Object element, String what, @Nullable String value, boolean otherwise) {
        String text = text(value).toLowerCase(Locale.ROOT);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (Set.of("yes", "true", "on", "1").contains(text)) {
            return true;
        }
        if (!Set.of("no", "false", "off", "0").contains(text)) {
            problem(element, "<" + what + "> is '" + text + "': use yes or no");
        }
        return false;
    }

    private GuestFile guestFile(ContentElement element) {
        String path = required(element, "name of a file", element.name);
        if (!path.isEmpty() && !path.startsWith("/")) {
            problem(element, "the file name '" + path + "' is not absolute");
        }
        return new GuestFile(path, content(element, "file '" + path + "'"));
    }

    private Content content(ContentElement element, String what) {
        String type = element.type == null ? "raw" : element.type.strip();
        String value = element.value == null ? "" : element.value;
        return switch (type) {
            case "raw" -> new Content.Text(value);
            case "base64" -> base64(element, what, value.strip());
            case "url" ->
                address(element, what, value, MEDIA_SCHEMES)
                        .<Content>map(Content.Url::new)
                        .orElse(new Content.Text(""));
            default -> {
                problem(element, "the type of the " + what + " is '" + type + "': use raw, base64 or url");
                yield new Content.Text("");
            }
        };
    }

    private Content base64(ContentElement element, String what, String encoded) {
        try {
            Base64.getDecoder().decode(encoded.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            problem(element, "the content of the " + what + " is not base64: " + e.getMessage());
        }
        return new Content.Base64(encoded);
    }

    private List<Command> commands(Tdl tdl, String list, List<ContentElement> elements) {
        long positioned =
                elements.stream().filter(each -> each.position != null).count();
        if (positioned > 0 && positioned < elements.size()) {
            problem(tdl, "some " + list + " have a position and some have none: give it to all, or to none");
        }
        List<ContentElement> sorted = new ArrayList<>(elements);
        if (positioned == elements.size() && positioned > 0) {
            Function<ContentElement, Integer> position = each -> {
                String text = text(each.position);
                return text.matches("[0-9]{1,6}") ? Integer.valueOf(text) : -1;
            };
            elements.stream()
                    .filter(each -> position.apply(each) < 1)
                    .forEach(
                            each -> problem(each, "the position '" + text(each.position) + "' is not a number from 1"));
            sorted.sort(Comparator.comparing(position));
            for (int i = 0; i < sorted.size(); i++) {
                if (position.apply(sorted.get(i)) != i + 1) {
                    problem(tdl, "the positions of the " + list + " must be 1 to " + sorted.size() + ", each once");
                    break;
                }
            }
        }
        List<Command> commands = sorted.stream()
                .map(each -> {
                    String name = required(each, "name of a command", each.name);
                    return new Command(name, content(each, "command '" + name + "'"));
                })
                .toList();
        unique(tdl, list, commands.stream().map(Command::name));
        return commands;
    }
}
