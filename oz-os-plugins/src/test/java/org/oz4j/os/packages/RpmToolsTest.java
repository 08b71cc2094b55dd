package org.oz4j.os.packages;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Icicle;
import org.oz4j.host.Commands;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The real dnf and zypper do what they are told, in a root of their own, with packages made on the spot. The words are
 * ours but for the root's, which follow the tool's name.
 */
@Timeout(120)
class RpmToolsTest {
    private static final String NAME = "it's $(mine)";

    @TempDir
    private Path folder;

    private @Nullable HttpServer server;
    private String address = "";

    static Stream<PackageManager> managers() {
        return Stream.of(new Dnf(), new Zypper());
    }

    @BeforeEach
    void serves() throws Exception {
        for (String tool : List.of("rpm", "rpmbuild", "createrepo_c")) {
            needs(tool);
        }
        build("oz-base", "Epoch: 2\nVendor: Oz");
        build("oz-top", "Requires: oz-base");
        ok(List.of("createrepo_c", "-q", repository().toString()));
        start(HttpServer.create(anyPort(), 0), "http");
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private void start(HttpServer started, String scheme) {
        stops();
        started.createContext("/", this::serve);
        started.start();
        server = started;
        address = scheme + "://127.0.0.1:" + started.getAddress().getPort() + "/";
    }

    @AfterEach
    void stops() {
        if (server != null) {
            server.stop(0);
        }
    }

    private static void needs(String tool) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), tool + " is not installed");
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private void build(String name, String more) throws Exception {
        Path spec = Files.writeString(
                folder.resolve(name + ".spec"),
                "Name: " + name + "\nVersion: 1.0\nRelease: 3\nSummary: x\nLicense: MIT\nURL: http://example.org/\n"
                        + "BuildArch: noarch\n" + more + "\n%description\nx\n%files\n");
        ok(List.of(
                "env",
                "HOME=" + folder,
                "rpmbuild",
                "-bb",
                "--quiet",
                "--define",
                "_topdir " + folder.resolve("build"),
                "--define",
                "_rpmdir " + repository(),
                "--define",
                "_tmppath " + folder,
                "--define",
                "_dbpath " + folder.resolve("build/db"),
                spec.toString()));
    }

    private void serve(HttpExchange exchange) throws IOException {
        Path file =
                repository().resolve("." + exchange.getRequestURI().getPath()).normalize();
        try (exchange) {
            if (!file.startsWith(repository()) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : Files.size(file));
            if (!head) {
                Files.copy(file, exchange.getResponseBody());
            }
        }
    }

    /** A folder that a tool takes for the root of a system. */
    private final class Root {
        private final PackageManager manager;
        private final Path path;

        Root(PackageManager manager, boolean signed) throws IOException {
            this(manager, signed, false);
        }

        Root(PackageManager manager, boolean signed, boolean sslVerify) throws IOException {
            needs(manager.name());
            this.manager = manager;
            this.path = Files.createDirectories(folder.resolve("root"));
            Files.createDirectories(path.resolve("var/log"));
            Files.writeString(path.resolve("dnf.conf"), "[main]\n");
            for (Map.Entry<String, String> file : manager.repositoryFiles(
                            new Repository(NAME, address, signed, true, sslVerify))
                    .entrySet()) {
                Path target = path.resolve(file.getKey().substring(1));
                Files.createDirectories(target.getParent());
                Files.writeString(target, file.getValue());
            }
        }

        private List<String> options(String tool) {
            if (tool.equals("dnf")) {
                Path state = path.resolve("var/dnf");
                return List.of(
                        "--installroot=" + path,
                        "--releasever=1",
                        "--noplugins",
                        "--config=" + path.resolve("dnf.conf"),
                        "--setopt=reposdir=" + path.resolve("etc/yum.repos.d"),
                        "--setopt=cachedir=" + state,
                        "--setopt=persistdir=" + state,
                        "--setopt=logdir=" + path.resolve("var/log"));
            }
            return List.of("--root", path.toString());
        }

        Commands.Result run(List<String> words) throws InterruptedException {
            List<String> command = new ArrayList<>(List.of("env", "HOME=/root", "ZYPP_LOGFILE=" + path + "/log"));
            manager.environment().forEach((name, value) -> command.add(name + "=" + value));
            command.add(words.get(0));
            command.addAll(options(words.get(0)));
            command.addAll(words.subList(1, words.size()));
            return Commands.run(command, Duration.ofMinutes(1));
        }

        void ok(List<List<String>> commands) throws InterruptedException {
            for (List<String> words : commands) {
                Commands.Result result = run(words);
                assertThat(result.status())
                        .as(words + "\n" + result.output() + result.errors())
                        .isZero();
            }
        }

        /** What the first command prints that fails. */
        String failing(List<List<String>> commands) throws InterruptedException {
            for (List<String> words : commands) {
                Commands.Result result = run(words);
                if (result.status() != 0) {
                    return result.output() + result.errors();
                }
            }
            return "";
        }

        List<Icicle.Item> installed() throws InterruptedException {
            Commands.Result result = run(manager.list());
            assertThat(result.status()).as(result.errors()).isZero();
            return result.output()
                    .lines()
                    .map(manager::item)
                    .flatMap(Optional::stream)
                    .toList();
        }
    }

    private static void ok(List<String> words) throws InterruptedException {
        Commands.Result result = Commands.run(words, Duration.ofMinutes(1));
        assertThat(result.status())
                .as(words + "\n" + result.output() + result.errors())
                .isZero();
    }

    private static List<PackageRequest> request(String name) {
        return List.of(new PackageRequest(name, Optional.of(NAME), Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("managers")
    void installsFromARepositoryThatIsNotSignedAndListsWhatIsThere(PackageManager manager) throws Exception {
        Root root = new Root(manager, false);

        root.ok(manager.refresh());
        root.ok(manager.install(request("oz-top")));

        assertThat(root.installed())
                .extracting(Icicle.Item::name, Icicle.Item::version, Icicle.Item::arch)
                .containsExactlyInAnyOrder(tuple("oz-base", "2:1.0-3", "noarch"), tuple("oz-top", "1.0-3", "noarch"));
        assertThat(root.installed())
                .filteredOn(item -> item.name().equals("oz-base"))
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.source()).contains(new Icicle.Source("oz-base", "2:1.0-3"));
                    assertThat(item.vendor()).contains("Oz");
                    assertThat(item.licence()).contains("MIT");
                    assertThat(item.installed()).isPresent();
                    assertThat(item.homepage()).contains("http://example.org/");
                });
    }

    @ParameterizedTest
    @MethodSource("managers")
    void whatIsNotSignedIsRefusedWhereSignaturesAreChecked(PackageManager manager) throws Exception {
        Root root = new Root(manager, true);

        String told =
                root.failing(Stream.concat(manager.refresh().stream(), manager.install(request("oz-top")).stream())
                        .toList());

        assertThat(told).containsAnyOf("not signed", "Signature verification failed");
        assertThat(root.installed()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("managers")
    void whatIsSignedByAKeyThatTheGuestTrustsIsInstalled(PackageManager manager) throws Exception {
        needs("gpg");
        needs("gpg-agent");
        needs("rpmsign");
        Path keys = Files.createDirectories(
                folder.resolve("keys"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<String> gpg = List.of("gpg", "--homedir", keys.toString(), "--batch", "--yes", "--passphrase", "");
        Path key = folder.resolve("key.asc");
        try {
            ok(Values.command(gpg, List.of("--quick-generate-key", "oz-test", "rsa2048", "sign", "never")));
            ok(Values.command(gpg, List.of("--armor", "--output", key.toString(), "--export")));
            for (String name : List.of("oz-base", "oz-top")) {
                ok(List.of(
                        "env",
                        "HOME=" + folder,
                        "rpmsign",
                        "--define",
                        "_gpg_name oz-test",
                        "--define",
                        "_gpg_path " + keys,
                        "--define",
                        "__gpg /usr/bin/gpg",
                        "--addsign",
                        repository()
                                .resolve("noarch/" + name + "-1.0-3.noarch.rpm")
                                .toString()));
            }
            ok(List.of("createrepo_c", "-q", repository().toString()));
            ok(Values.command(
                    gpg,
                    List.of(
                            "--armor",
                            "--detach-sign",
                            repository().resolve("repodata/repomd.xml").toString())));
        } finally {
            ok(List.of("gpgconf", "--homedir", keys.toString(), "--kill", "all"));
        }
        Root root = new Root(manager, true);
        root.ok(List.of(List.of("rpm", "--import", key.toString())));

        root.ok(manager.refresh());
        root.ok(manager.install(request("oz-top")));

        assertThat(root.installed()).extracting(Icicle.Item::name).containsExactlyInAnyOrder("oz-base", "oz-top");
    }

    @ParameterizedTest
    @MethodSource("managers")
    void aCertificateThatNobodyVouchesForIsTakenWhereItIsNotChecked(PackageManager manager) throws Exception {
        Path store = folder.resolve("server.p12");
        ok(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storepass",
                "secret"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(store.toFile(), "secret".toCharArray()), "secret".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        HttpsServer secure = HttpsServer.create(anyPort(), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        start(secure, "https");

        assertThat(new Root(manager, false, true).failing(manager.refresh())).containsIgnoringCase("certificate");
        Root root = new Root(manager, false, false);
        root.ok(manager.refresh());
        root.ok(manager.install(request("oz-top")));

        assertThat(root.installed()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("managers")
    void aPackageThatIsNotThereFails(PackageManager manager) throws Exception {
        Root root = new Root(manager, false);
        root.ok(manager.refresh());

        assertThat(root.failing(manager.install(request("$(touch x)")))).contains("$(touch x)");
        assertThat(root.installed()).isEmpty();
    }

    static Stream<Arguments> files() {
        return Stream.of(
                Arguments.of(new Dnf(), "--setopt=install_weak_deps=0"),
                Arguments.of(new Zypper(), "--allow-unsigned-rpm"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void installsAPackagesFileByItsAddress(PackageManager manager, String argument) throws Exception {
        Root root = new Root(manager, false);
        root.ok(manager.refresh());

        root.ok(manager.install(List.of(new PackageRequest(
                "unknown",
                Optional.of(NAME),
                Optional.of(address + "noarch/oz-base-1.0-3.noarch.rpm"),
                Optional.of(argument)))));

        assertThat(root.installed()).extracting(Icicle.Item::name).containsExactly("oz-base");
    }
}
