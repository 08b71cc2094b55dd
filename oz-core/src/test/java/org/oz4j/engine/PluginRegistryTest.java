package org.oz4j.engine;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

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
                new TablePlugin("a", release("A", "10"), release("A", "9"), release("A", "9.2"), release("A", "sid")));

        assertThat(registry.releases()).extracting(OsRelease::version).containsExactly("9", "9.2", "10", "sid");
    }

    @Test
    void reportsProvidersThatCannotBeLoadedAndKeepsTheRest(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(OsPlugin.class.getName()),
                "com.example.Missing\n" + BrokenPlugin.class.getName() + "\n" + GoodPlugin.class.getName() + "\n");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);

            PluginRegistry registry = PluginRegistry.of(List.of(), true);

            assertThat(registry.releases()).extracting(OsRelease::os).containsExactly("GoodOS");
            assertThat(registry.broken())
                    .extracting(PluginException::plugin)
                    .containsExactly("com.example.Missing", BrokenPlugin.class.getName());
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
