package org.oz4j.engine;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.oz4j.Arch;
import org.oz4j.PluginException;
import org.oz4j.UnsupportedOsException;
import org.oz4j.spi.GuestProfile;
import org.oz4j.spi.OsPlugin;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.OsCatalog;
import org.oz4j.template.Template;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.TemplateBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PluginRegistryTest {
    /** A plugin with a table and nothing else. */
    public static class TablePlugin implements OsPlugin {
        private final String id;
        private final List<OsRelease> releases;

        TablePlugin(String id, OsRelease... releases) {
            this.id = id;
            this.releases = List.of(releases);
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public List<OsRelease> releases() {
            return releases;
        }

        @Override
        public GuestProfile profile(ProfileRequest request) {
            throw new UnsupportedOperationException();
        }
    }

    /** A provider that can't be made. */
    public static final class BrokenPlugin extends TablePlugin {
        /** Fails. */
        public BrokenPlugin() {
            super("broken");
            throw new IllegalStateException("no licence");
        }
    }

    /** A provider that works. */
    public static final class GoodPlugin extends TablePlugin {
        /** Works. */
        public GoodPlugin() {
            super("good", release("GoodOS", "1"));
        }
    }

    /** A provider that can't say what it is. */
    public static final class NamelessPlugin extends TablePlugin {
        /** Works. */
        public NamelessPlugin() {
            super("nameless");
        }

        @Override
        public String id() {
            throw new IllegalStateException("name lost");
        }
    }

    private static OsRelease release(String os, String version, String... aliases) {
        return OsRelease.builder(os, version, Support.CHECKED, "made up")
                .aliases(List.of(aliases))
                .installTypes(Set.of(InstallType.URL))
                .build();
    }

    private static Template template(String os, String version, InstallType type) {
        TemplateBuilder builder = Template.builder("x", os, version, Arch.X86_64);
        URI location = URI.create("http://example.com/");
        return (type == InstallType.URL ? builder.url(location) : builder.iso(location)).build();
    }

    private static PluginRegistry registry(OsPlugin... plugins) {
        return PluginRegistry.of(List.of(plugins), false);
    }

    @Test
    void findsAReleaseByItsNameOrAliasWhateverTheCase() {
        PluginRegistry registry = registry(new TablePlugin("debian", release("Debian", "13", "trixie")));

        assertThat(registry.find(template("debian", "13", InstallType.URL))
                        .release()
                        .version())
                .isEqualTo("13");
        assertThat(registry.find(template("Debian", "Trixie", InstallType.URL))
                        .release()
                        .version())
                .isEqualTo("13");
    }

    @Test
    void offersWhatThereIsWhenARelaseIsNotKnown() {
        PluginRegistry registry = registry(new TablePlugin("debian", release("Debian", "12"), release("Debian", "13")));

        assertThatThrownBy(() -> registry.find(template("Debian", "99", InstallType.URL)))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessageContaining("Debian 99 x86_64")
                .hasMessageContaining("Debian 12 (x86_64; url), Debian 13");
        assertThatThrownBy(() -> registry.find(template("Debian", "13", InstallType.ISO)))
                .hasMessageContaining("from iso");
    }

    @Test
    void setsASecondPluginOfTheSameIdAsideByName() {
        PluginRegistry registry =
                registry(new TablePlugin("a", release("A", "1")), new TablePlugin("a", release("B", "1")));

        assertThat(registry.broken()).singleElement().satisfies(broken -> {
            assertThat(broken.plugin()).isEqualTo("a");
            assertThat(broken).hasMessageContaining(TablePlugin.class.getName());
        });
        assertThat(registry.releases()).extracting(OsRelease::os).containsExactly("A");
    }

    @Test
    void setsAPluginAsideThatInstallsWhatAnotherInstalls() {
        PluginRegistry registry = registry(
                new TablePlugin("a", release("A", "1")), new TablePlugin("b", release("B", "2"), release("a", "1")));

        assertThat(registry.broken()).singleElement().satisfies(broken -> assertThat(broken)
                .hasMessageContaining("'a' and 'b'")
                .hasMessageContaining("a 1 x86_64"));
        assertThat(registry.releases()).extracting(OsRelease::os).containsExactly("A");
    }

    @Test
    void keepsTheOthersWhenAPluginThrows() {
        OsPlugin throwing = new TablePlugin("t") {
            @Override
            public List<OsRelease> releases() {
                throw new IllegalStateException("table lost");
            }
        };

        PluginRegistry registry = registry(throwing, new TablePlugin("a", release("A", "1")));

        assertThat(registry.releases()).hasSize(1);
        assertThat(registry.broken()).singleElement().satisfies(broken -> assertThat(broken)
                .hasMessageContaining("(given) is broken: ")
                .hasMessageContaining("table lost"));
    }

    @Test
    void refusesAnIdThatIsNone() {
        assertThat(registry(new TablePlugin("No Id")).broken())
                .extracting(PluginException::getMessage)
                .singleElement()
                .asString()
                .contains("No Id");
    }

    @Test
    void sortsVersionsAsNumbers() {
        PluginRegistry registry = registry(
                new TablePlugin("a", release("A", "10"), release("A", "9.2"), release("A", "9"), release("A", "sid")));

        assertThat(registry.releases()).extracting(OsRelease::version).containsExactly("9", "9.2", "10", "sid");
    }

    @Test
    void refusesWhatAReleaseCanNotGiveByTheElementsThatAskForIt() {
        PluginRegistry registry = registry(new TablePlugin("debian", release("Debian", "13")));
        Template wishes = Template.builder("x", "Debian", "13", Arch.X86_64)
                .url(URI.create("http://example.com/"))
                .setup(new Template.Setup(
                        Optional.of("web"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("Europe/Berlin"),
                        List.of(),
                        List.of()))
                .build();

        assertThatThrownBy(() -> registry.find(wishes))
                .isInstanceOf(UnsupportedOsException.class)
                .hasMessage("Debian 13 can't honour <os/timezone>, <os/hostname> of the template 'x'."
                        + " Take that out of the template");
    }

    @Test
    void offersTheReleasesOfTheSystemThatWasMeantOrElseTheSystems() {
        PluginRegistry registry = registry(
                new TablePlugin("debian", release("Debian", "12"), release("Debian", "13")),
                new TablePlugin("fedora", release("Fedora", "44")));

        assertThatThrownBy(() -> registry.find(template("fedora", "99", InstallType.URL)))
                .hasMessageEndingWith(". Known are Fedora 44 (x86_64; url)");
        assertThatThrownBy(() -> registry.find(template("Plan", "9", InstallType.URL)))
                .hasMessage("No plugin installs Plan 9 x86_64 from url. Known are Debian, Fedora");
    }

    @Test
    void isACatalogOfReleasesAndTheirFeatures() {
        OsRelease debian = release("Debian", "13", "trixie");
        PluginRegistry registry = registry(new TablePlugin("debian", debian));

        assertThat(registry.find(template("debian", "trixie", InstallType.URL).os()))
                .hasValue(new OsCatalog.Entry("Debian 13", debian.features()));
        assertThat(registry.find(template("debian", "12", InstallType.URL).os()))
                .isEmpty();
    }

    /** Finds only those providers, whatever else is on the class path. */
    private static PluginRegistry discovering(Path folder, List<OsPlugin> given, String... providers)
            throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(services.resolve(OsPlugin.class.getName()), List.of(providers));
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        URL[] place = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(place, before) {
            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                return findResources(name);
            }
        }) {
            thread.setContextClassLoader(loader);
            return PluginRegistry.of(given, true);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void reportsProvidersThatCannotBeLoadedAndKeepsTheRest(@TempDir Path folder) throws IOException {
        PluginRegistry registry = discovering(
                folder,
                List.of(),
                "com.example.Missing",
                BrokenPlugin.class.getName(),
                GoodPlugin.class.getName(),
                NamelessPlugin.class.getName());

        assertThat(registry.releases()).extracting(OsRelease::os).containsExactly("GoodOS");
        assertThat(registry.broken())
                .extracting(PluginException::plugin)
                .containsExactly("com.example.Missing", BrokenPlugin.class.getName(), NamelessPlugin.class.getName());
        assertThat(registry.broken().get(2))
                .hasMessage("The OS plugin " + NamelessPlugin.class.getName()
                        + " is broken: java.lang.IllegalStateException: name lost. Mend or remove it");
    }

    @Test
    void aGivenPluginTakesThePlaceOfOneOfItsIdThatIsFound(@TempDir Path folder) throws IOException {
        OsPlugin given = new TablePlugin("good", release("BetterOS", "1"));

        PluginRegistry registry = discovering(folder, List.of(given), GoodPlugin.class.getName());

        assertThat(registry.releases()).extracting(OsRelease::os).containsExactly("BetterOS");
        assertThat(registry.broken()).isEmpty();
    }

    /** What its file says of a thousand providers is not waited for for ever. */
    @Test
    void aFileOfNothingButNonsenseIsGivenUp(@TempDir Path folder) throws IOException {
        String[] missing = IntStream.range(0, 1100)
                .mapToObj(i -> "com.example.Missing" + i)
                .toArray(String[]::new);

        assertThat(discovering(folder, List.of(), missing).broken())
                .hasSize(1000)
                .extracting(PluginException::plugin)
                .startsWith("com.example.Missing0")
                .endsWith("com.example.Missing999");
    }
}
