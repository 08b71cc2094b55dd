package org.oz4j.engine;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.Provenance;
import org.oz4j.Provenance.Medium;
import org.oz4j.icicle.ProvenanceFile;
import org.oz4j.media.Stored;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.MediaFacts;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;

import static org.oz4j.engine.GuestBuild.known;

/** Takes down what an image is made of. */
final class InstallProvenance {
    private InstallProvenance() {}

    /** Writes it to a file of the build's folder. */
    static Path write(GuestBuild build) throws IOException {
        Path file = build.file("provenance.json");
        Files.writeString(file, ProvenanceFile.write(of(build)));
        return file;
    }

    private static Provenance of(GuestBuild build) throws IOException {
        return new Provenance(
                build.template.name(),
                build.match.release().title(),
                build.template.os().arch().toString(),
                Provenance.libraryVersion(),
                build.engine.time().now(),
                media(build),
                DigestUtils.sha256Hex(masked(build.template)),
                build.ownAnswers().isPresent() ? Optional.empty() : Optional.of(answers(build)));
    }

    private static List<Medium> media(GuestBuild build) throws IOException {
        List<Medium> media = new ArrayList<>();
        if (build.template.os().install().type() == InstallType.URL) {
            // what a tree says of its own state, such as Debian's Release
            new TreeMap<>(known(build.facts).texts())
                    .forEach((path, text) -> media.add(
                            new Medium(shown(InstallSteps.tree(build).resolve(path)), DigestUtils.sha256Hex(text))));
        }
        for (Map.Entry<URI, Stored> one : build.fetched.entrySet()) {
            media.add(new Medium(shown(one.getKey()), sha256(one.getValue())));
        }
        return media;
    }

    private static String sha256(Stored file) throws IOException {
        if (file.sha256().isPresent()) {
            return file.sha256().get();
        }
        try (InputStream content = Files.newInputStream(file.path())) {
            return DigestUtils.sha256Hex(content);
        }
    }

    /** An address without its account, and without the query that tokens are in; of a file the name alone. */
    static String shown(URI location) {
        String path = Objects.requireNonNullElse(location.getRawPath(), "");
        String host = Objects.requireNonNullElse(location.getRawAuthority(), "").replaceAll(".*@", "");
        return "file".equals(location.getScheme())
                ? path.replaceAll(".*/", "")
                : location.getScheme() + "://" + host + path;
    }

    /**
     * The template as XML, without what can be a secret: passwords and keys, texts that may hold some, and accounts in
     * addresses. A sum over a password could be tried against a list of likely ones.
     */
    static String masked(Template template) {
        Template.Os os = template.os();
        Template.Setup setup = os.setup();
        List<Template.User> users = setup.users().stream()
                .map(user -> new Template.User(
                        user.name(), user.fullName(), mask(user.password()), user.groups(), user.sshKeys()))
                .toList();
        Template masked = new Template(
                template.version(),
                template.name(),
                template.description(),
                new Template.Os(
                        os.name(),
                        os.version(),
                        os.arch(),
                        os.install(),
                        mask(os.key()),
                        mask(os.rootPassword()),
                        mask(os.kernelParameters()),
                        Optional.empty(),
                        os.platform(),
                        new Template.Setup(
                                setup.hostname(),
                                setup.locale(),
                                setup.keyboard(),
                                setup.timezone(),
                                users,
                                setup.sshKeys())),
                template.machine(),
                new Template.OwnAnswers(
                        template.answers().source(), mask(template.answers().append())),
                template.disks(),
                template.repositories(),
                template.packages(),
                List.of(),
                List.of(),
                List.of());
        return masked.toXml().replaceAll("://[^/@\\s\"<]*@", "://" + Secrets.MASK + "@");
    }

    private static Optional<String> mask(Optional<String> secret) {
        return secret.map(one -> Secrets.MASK);
    }

    /** The sum of the answer file as it would be with stars for secrets, without what the template adds to it. */
    private static String answers(GuestBuild build) {
        MediaFacts medium = known(build.facts);
        String token = build.successToken;
        GuestProfile profile = InstallSteps.describe(build, medium, Secrets.masked(), notice -> {});
        build.successToken = token;
        String content = profile.answers().content();
        Template.Os os = build.template.os();
        for (Optional<String> secret :
                List.of(os.key(), Optional.ofNullable(os.install().location().getRawUserInfo()))) {
            if (secret.isPresent()) {
                content = content.replace(secret.get(), Secrets.MASK);
            }
        }
        return DigestUtils.sha256Hex(content);
    }
}
