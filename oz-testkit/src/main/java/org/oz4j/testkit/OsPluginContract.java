package org.oz4j.testkit;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.oz4j.Arch;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.InstallFlow;
import org.oz4j.spi.MediaFacts;
import org.oz4j.spi.MediaRecipe;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.spi.RootPassword;
import org.oz4j.template.Feature;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link OsPlugin} does; extend it for one of your own. Each test goes through all releases, architectures and
 * kinds of medium of the plugin.
 */
public abstract class OsPluginContract {
    private static final URI TREE = URI.create("http://mirror.example.com/tree/");
    private static final String PASSWORD = "open sesame 4711";
    private static final String HASH = "$6$saltsalt$hashhash";
    private static final String TOKEN = "00112233445566778899aabbccddeeff";

    /** The plugin. */
    protected abstract OsPlugin plugin();

    /** Whether the release's installer takes no hash that it knows, so that the password is in clear; by default it does. */
    protected boolean needsClearText(OsRelease release) {
        return false;
    }

    /**
     * Checks the form of a file that an installer gets.
     *
     * @param name its name
     * @param content its text
     */
    protected void checkForm(OsRelease release, String name, String content) throws Exception {}

    /** One question to the plugin. */
    private record Case(OsRelease release, Arch arch, InstallType type) {
        Template template(UnaryOperator<TemplateBuilder> changes) {
            TemplateBuilder builder = Template.builder("guest", release.os(), release.version(), arch);
            (type == InstallType.URL ? builder.url(TREE) : builder.iso(TREE.resolve("cd.iso")))
                    .rootPassword(PASSWORD)
                    .key("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE");
            return changes.apply(builder).build();
        }

        @Override
        public String toString() {
            return release.title() + " " + arch + " " + type.name().toLowerCase(Locale.ROOT);
        }
    }

    private interface Check {
        void of(Case each) throws Exception;
    }

    private void forEach(Check check) throws Exception {
        int count = 0;
        for (OsRelease release : plugin().releases()) {
            for (Arch arch : release.arches()) {
                for (InstallType type : release.installTypes()) {
                    check.of(new Case(release, arch, type));
                    count++;
                }
            }
        }
        assertThat(count).as("questions to the plugin").isPositive();
    }

    private GuestProfile profile(Case each, Template template) {
        RootPassword password = new RootPassword(PASSWORD, HASH);
        return plugin().profile(new ProfileRequest(
                template,
                each.release(),
                MediaFacts.none(),
                TREE,
                password,
                template.os().setup().users().stream()
                        .filter(user -> user.password().isPresent())
                        .collect(Collectors.toMap(Template.User::name, user -> password)),
                Optional.empty(),
                Optional.empty(),
                TOKEN));
    }

    private GuestProfile plain(Case each) {
        return profile(each, each.template(builder -> builder));
    }

    /** All that the installer gets, by name: the answer file, and files beside it. */
    private static Map<String, String> files(GuestProfile profile) {
        return Stream.concat(
                        Stream.of(Map.entry(
                                profile.answers().name(), profile.answers().content())),
                        profile.media().stream().flatMap(recipe -> recipe.files().entrySet().stream()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, same) -> one));
    }

    private static String text(GuestProfile profile) {
        return String.join("\n", files(profile).values());
    }

    @Test
    void itsIdIsShortAndLowerCase() {
        assertThat(plugin().id()).matches("[a-z][a-z0-9-]{1,20}");
    }

    @Test
    void eachReleaseHasNamesOfItsOwnAndTellsWhereItsFactsAreFrom() throws Exception {
        Set<String> seen = new HashSet<>();
        forEach(each -> {
            OsRelease release = each.release();
            assertThat(release.source()).as(each.toString()).isNotBlank();
            assertThat(release.signers()).as(each.toString()).allMatch(signer -> signer.matches("[0-9A-F]{40,64}"));
            for (String os : with(release.names(), release.os())) {
                for (String version : with(release.aliases(), release.version())) {
                    String key = (os + " " + version).toLowerCase(Locale.ROOT) + " " + each.arch() + " " + each.type();
                    assertThat(seen.add(key)).as("%s is named once", key).isTrue();
                }
            }
        });
    }

    private static Set<String> with(List<String> more, String one) {
        Set<String> all = new TreeSet<>(more);
        all.add(one);
        return all;
    }

    @Test
    void eachProfileIsWholeAndAlwaysTheSame() throws Exception {
        forEach(each -> {
            GuestProfile profile = plain(each);
            String what = each.toString();
            assertThat(plain(each).answers()).as(what).isEqualTo(profile.answers());
            assertThat(plain(each).media()).as(what).isEqualTo(profile.media());
            assertThat(profile.media()).as("%s has a way to start", what).anyMatch(recipe -> recipe.isFor(each.type()));
            assertThat(profile.answers().name()).as(what).isNotBlank().doesNotContain("/");
            assertThat(profile.answers().content()).as(what).isNotBlank();
            assertThat(profile.flow().timeLimit()).as(what).isPositive();
            assertThat(profile.flow().inactivityLimit()).as(what).isPositive();
            assertThat(profile.flow().reboots()).as(what).isNotNegative();
            assertThat(profile.machine().minimumMemoryMiB()).as(what).isPositive();
            assertThat(profile.machine().defaultDiskSize()).as(what).isPositive();
            for (Map.Entry<String, String> file : files(profile).entrySet()) {
                assertThat(file.getValue())
                        .as("%s: no place of a template is left in %s", what, file.getKey())
                        .doesNotContain("<#", "</#", "${=");
                checkForm(each.release(), file.getKey(), file.getValue());
            }
        });
    }

    @Test
    void theInstallerSaysThatItSucceededByTheTokenOfTheBuild() throws Exception {
        forEach(each -> {
            GuestProfile profile = plain(each);
            if (!(profile.flow().success() instanceof InstallFlow.SuccessSignal.ImageCheck)) {
                assertThat(text(profile)).as(each.toString()).contains(TOKEN);
            }
        });
    }

    @Test
    void aMachineThatIsNoPcSaysNothingOnASecondSerialPort() throws Exception {
        forEach(each -> {
            if (!each.arch().isX86()) {
                assertThat(plain(each).flow().success())
                        .as("%s: it has one serial port", each)
                        .isNotInstanceOf(InstallFlow.SuccessSignal.SerialToken.class);
            }
        });
    }

    @Test
    void thePasswordIsHashedWhereTheInstallerTakesAHash() throws Exception {
        forEach(each -> {
            String text = text(plain(each));
            if (!needsClearText(each.release())) {
                assertThat(text).as(each.toString()).doesNotContain(PASSWORD);
            }
        });
    }

    @Test
    void whatItPromisesToGiveChangesWhatItWrites() throws Exception {
        forEach(each -> {
            String plain = text(plain(each));
            for (Map.Entry<Feature, Setup> asked : SETUPS.entrySet()) {
                if (each.release().features().contains(asked.getKey())) {
                    Template template = each.template(builder -> builder.setup(asked.getValue()));
                    Optional<GuestProfile> profile = givenOrRefused(each, template);
                    profile.ifPresent(given -> assertThat(text(given))
                            .as("%s: %s", each, asked.getKey())
                            .isNotEqualTo(plain));
                    for (Map.Entry<String, String> file : profile.map(OsPluginContract::files)
                            .orElse(Map.of())
                            .entrySet()) {
                        checkForm(each.release(), file.getKey(), file.getValue());
                    }
                }
            }
            if (each.release().features().contains(Feature.LAYOUT)) {
                GuestProfile profile = profile(each, each.template(builder -> builder.disk(LAYOUT)));
                assertThat(text(profile)).as("%s: a layout", each).isNotEqualTo(plain);
            }
        });
    }

    /** A value that a format can't express is refused by name. */
    private Optional<GuestProfile> givenOrRefused(Case each, Template template) {
        try {
            return Optional.of(profile(each, template));
        } catch (UnsupportedOsException e) {
            assertThat(e.getMessage()).as(each.toString()).isNotBlank();
            return Optional.empty();
        }
    }

    private static final List<String> KEYS = List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 it's \"mine\" & <yours> $(id)");

    private static final Map<Feature, Setup> SETUPS = Map.of(
            Feature.HOSTNAME, setup(Optional.of("web1.example.org"), "", "", "", List.of(), List.of()),
            Feature.LOCALE, setup(Optional.empty(), "de_AT.UTF-8", "", "", List.of(), List.of()),
            Feature.KEYBOARD, setup(Optional.empty(), "", "de", "", List.of(), List.of()),
            Feature.TIMEZONE, setup(Optional.empty(), "", "", "Europe/Vienna", List.of(), List.of()),
            Feature.SSH_KEYS, setup(Optional.empty(), "", "", "", List.of(), KEYS),
            Feature.USERS,
                    setup(
                            Optional.empty(),
                            "",
                            "",
                            "",
                            List.of(
                                    new Template.User(
                                            "ann",
                                            Optional.of("Ann O'Hara \"Dr\" & <co> $(id)"),
                                            Optional.of("it's \"hers\" <&> $(id) 4711"),
                                            List.of("wheel", "staff"),
                                            KEYS),
                                    new Template.User("bob", Optional.empty(), Optional.empty(), List.of(), List.of())),
                            List.of()));

    private static final Template.Disk LAYOUT = new Template.Disk(
            OptionalLong.of(20L << 30),
            Optional.empty(),
            Optional.of(new Template.Layout(
                    List.of(
                            new Template.Partition("", Optional.of("/boot"), OptionalLong.of(512L << 20), "ext4"),
                            new Template.Partition("", Optional.of("/"), OptionalLong.empty(), "ext4"),
                            new Template.Partition("", Optional.empty(), OptionalLong.of(1L << 30), "swap")),
                    List.of())));

    private static Setup setup(
            Optional<String> hostname,
            String locale,
            String keyboard,
            String timezone,
            List<Template.User> users,
            List<String> keys) {
        return new Setup(hostname, some(locale), some(keyboard), some(timezone), users, keys);
    }

    private static Optional<String> some(String text) {
        return Optional.of(text).filter(one -> !one.isEmpty());
    }

    @Test
    void aTemplatesKernelArgumentsHaveAWayWhereLinuxIsStarted() throws Exception {
        List<String> without = new ArrayList<>();
        forEach(each -> {
            List<MediaRecipe> media = plain(each).media();
            boolean linux = media.stream()
                    .anyMatch(recipe -> recipe instanceof MediaRecipe.DirectKernel
                            || (recipe instanceof MediaRecipe.RemasteredIso iso
                                    && !iso.kernels().isEmpty()));
            boolean carries = media.stream().anyMatch(recipe -> recipe.isFor(each.type()) && recipe.carriesArguments());
            if (linux && !carries) {
                without.add(each.toString());
            }
        });
        assertThat(without).as("no medium carries <kernelparam>").isEmpty();
    }
}
