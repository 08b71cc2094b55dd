package org.oz4j.media;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.oz4j.Arch;
import org.oz4j.MediaException;
import org.oz4j.template.Template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class MediaIdentityTest {
    @TempDir
    Path folder;

    /** A file of a medium, and what it says. */
    record Case(String path, String text, String title) {}

    private static String treeInfo(String family, String version, String arch, String variant) {
        return """
               [general]
               ; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.
               arch = %3$s
               family = %1$s
               name = %1$s %2$s
               variant = %4$s
               version = %2$s

               [header]
               type = productmd.treeinfo
               version = 1.2

               [release]
               name = %1$s
               version = %2$s

               [tree]
               arch = %3$s
               variants = %4$s
               """
                .formatted(family, version, arch, variant);
    }

    static Stream<Case> media() {
        return Stream.of(
                new Case(".treeinfo", treeInfo("Fedora", "41", "x86_64", "Server"), "Fedora 41 Server x86_64"),
                new Case(
                        ".treeinfo",
                        "[general]\nfamily = CentOS\nversion = 7\narch = x86_64\nvariant =\n",
                        "CentOS 7 x86_64"),
                new Case(
                        ".treeinfo",
                        """
                        ; made by productmd
                        [release]
                        name = Red Hat Enterprise Linux
                        version = 9.4
                        [tree]
                        arch = aarch64
                        variants = BaseOS,AppStream
                        """,
                        "RHEL 9.4 BaseOS aarch64"),
                new Case(
                        ".treeinfo",
                        "[general]\nfamily = Red Hat Enterprise Linux Server\nversion = 5.8\narch = i386\n",
                        "RHEL 5.8 i386"),
                new Case(
                        ".treeinfo",
                        treeInfo("AlmaLinux", "9.4", "x86_64", "AppStream"),
                        "AlmaLinux 9.4 AppStream x86_64"),
                new Case(".treeinfo", treeInfo("Rocky Linux", "8.10", "x86_64", "BaseOS"), "Rocky 8.10 BaseOS x86_64"),
                new Case(
                        ".treeinfo",
                        treeInfo("Oracle Linux Server", "8.6", "x86_64", "BaseOS"),
                        "OracleLinux 8.6 BaseOS x86_64"),
                new Case(
                        ".treeinfo",
                        treeInfo("CentOS Linux", "8", "aarch64", "AppStream"),
                        "CentOS 8 AppStream aarch64"),
                new Case(".treeinfo", treeInfo("CentOS Stream", "9", "x86_64", "BaseOS"), "CentOS 9 Stream x86_64"),
                new Case(
                        ".treeinfo",
                        "[general]\nfamily = openSUSE Leap\nname = openSUSE Leap 15.6\nversion = 15.6\narch = x86_64\n",
                        "OpenSUSE 15.6 Leap x86_64"),
                new Case(
                        ".treeinfo",
                        "[general]\nfamily = SUSE Linux Enterprise Server\nversion = 15.4\narch = s390x\n",
                        "SLES 15.4 s390x"),
                new Case(".discinfo", "1417653453.026288\nFedora Server 21\nx86_64\nALL\n", "Fedora 21 Server x86_64"),
                new Case(
                        ".discinfo",
                        "1328205744.315196\nRed Hat Enterprise Linux Server 5.8\nx86_64\n1\nServer/base\n",
                        "RHEL 5.8 x86_64"),
                new Case(
                        ".disk/info",
                        "Debian GNU/Linux 13.1.0 \"Trixie\" - Official amd64 NETINST with firmware 20250906-10:22",
                        "Debian 13.1.0 NETINST x86_64"),
                new Case(
                        ".disk/info",
                        "Debian GNU/Linux testing \"Forky\" - Official Snapshot arm64 DVD Binary-1 20251001",
                        "Debian forky DVD aarch64"),
                new Case(
                        ".disk/info",
                        "Ubuntu-Server 24.04.1 LTS \"Noble Numbat\" - Release amd64 (20240827)",
                        "Ubuntu 24.04.1 Server x86_64"),
                new Case(".disk/info", "Ubuntu 22.04 \"Jammy\" - Release arm64 (2022)", "Ubuntu 22.04 aarch64"),
                new Case(
                        ".disk/info",
                        "Debian GNU/Linux 13.1.0 \"Trixie\" - Official riscv64 NETINST with firmware 20250906-10:22",
                        "Debian 13.1.0 NETINST riscv64"),
                new Case(
                        ".disk/info",
                        "Xubuntu 20.04 LTS \"Focal Fossa\" - Release amd64 (20200423)",
                        "Ubuntu 20.04 Xubuntu x86_64"),
                new Case(
                        ".disk/info",
                        "Kubuntu 23.04 \"Lunar Lobster\" - Release amd64 (20230414.1)",
                        "Ubuntu 23.04 Kubuntu x86_64"),
                new Case("arch/version", "2024.06.01\n", "Arch 2024.06.01 x86_64"),
                new Case(".alpine-release", "alpine-virt-3.20.3 240906\n", "Alpine 3.20.3 alpine-virt"),
                new Case(
                        "content",
                        "PRODUCT openSUSE\nVERSION 10.3\nLABEL openSUSE 10.3\nDEFAULTBASE i586\n",
                        "OpenSUSE 10.3 i386"),
                new Case(
                        "content",
                        "CONTENTSTYLE 11\nVERSION 12.3\nLABEL openSUSE\nBASEARCHS i586 x86_64\n",
                        "OpenSUSE 12.3"),
                new Case(
                        "content",
                        """
                        CONTENTSTYLE 11
                        DISTRO cpe:/o:opensuse:opensuse:13.2,openSUSE
                        REPOID obsproduct://build.opensuse.org/openSUSE:13.2/openSUSE/13.2/ftp/x86_64
                        """,
                        "OpenSUSE 13.2 x86_64"),
                new Case(
                        "content",
                        """
                        DISTRO cpe:/o:suse:sles:12:sp3,SUSE Linux Enterprise Server 12 SP3
                        REPOID obsproduct://build.suse.de/SUSE:SLE-12-SP3:GA/SLES/12.3/DVD/aarch64
                        """,
                        "SLES 12.3 aarch64"),
                new Case(
                        "content",
                        "NAME         SUSE_SLES\nVERSION      11\nLABEL        SUSE Linux Enterprise Server 11\nBASEARCHS    i386\n",
                        "SLES 11 i386"),
                new Case("media.1/products", "/ openSUSE-Leap 15.6-1\n", "OpenSUSE 15.6 Leap"),
                new Case("media.1/products", "/ openSUSE 11.1-0\n", "OpenSUSE 11.1"),
                new Case(
                        "product.id",
                        "vendor=Mandriva,distribution=Mandriva Linux,type=Basic,version=2008.0,branch=Official,release=1,"
                                + "arch=i586,product=Download\n",
                        "Mandriva 2008.0 Download i386"),
                new Case(
                        "x86_64/product.id",
                        "vendor=mandriva,distribution=mandriva linux,type=base,version=2010.1,branch=final,arch=x86_64\n",
                        "Mandriva 2010.1 x86_64"),
                new Case("x86_64/VERSION", "Mageia 5 Official 20150619\n", "Mageia 5 x86_64"),
                new Case("RedHat/RPMS/redhat-release-9-3.i386.rpm", "", "RedHatLinux 9 i386"),
                new Case("RedHat/RPMS/redhat-release-4AS-2.i386.rpm", "", "RHEL 4 i386"),
                new Case("Fedora/RPMS/fedora-release-3-8.i386.rpm", "", "FedoraCore 3 i386"),
                new Case("I386/TXTSETUP.SIF", setup("5", "1", "Microsoft Windows XP Professional"), "Windows XP i386"),
                new Case(
                        "I386/TXTSETUP.SIF",
                        setup("5", "2", "Windows Server 2003, Standard Edition"),
                        "Windows 2003 i386"),
                new Case(
                        "amd64/txtsetup.sif",
                        setup("5", "2", "Windows XP Professional x64 Edition"),
                        "Windows XP x86_64"),
                new Case("i386/txtsetup.sif", setup("5", "0", "Microsoft Windows 2000"), "Windows 2000 i386"));
    }

    private static String setup(String major, String minor, String product) {
        return "[SetupData]\r\nProductType = 0\r\nProductName = \"" + product + "\"\r\nMajorVersion=" + major
                + "\r\nMinorVersion = " + minor + "\r\n";
    }

    private Path iso(String label, Map<String, String> files) throws Exception {
        Path iso = folder.resolve("medium.iso");
        Map<String, byte[]> content = new HashMap<>();
        files.forEach((path, text) -> content.put(path, text.getBytes(StandardCharsets.UTF_8)));
        Files.deleteIfExists(iso);
        IsoWriter.write(iso, label, content);
        return iso;
    }

    private Path binary(Map<String, byte[]> files) throws Exception {
        Path iso = folder.resolve("medium.iso");
        Files.deleteIfExists(iso);
        IsoWriter.write(iso, "CCCOMA_X64FRE_EN-US_DV9", files);
        return iso;
    }

    @ParameterizedTest
    @MethodSource("media")
    void mediaAreToldByTheirFiles(Case one) throws Exception {
        Path iso = iso("LABEL", Map.of(one.path(), one.text()));

        MediaIdentity identity = MediaIdentity.of(iso).orElseThrow();

        assertThat(identity.title()).isEqualTo(one.title());
        assertThat(identity.source()).isEqualTo(one.path());
        assertThat(identity.label()).isEqualTo("LABEL");
        assertThat(identity.boots()).isEmpty();
        assertThat(identity.editions()).isEmpty();
        Template template = Template.parse(identity.template(iso).toXml());
        assertThat(template.os().install().location()).isEqualTo(iso.toUri());
    }

    @ParameterizedTest
    @CsvSource({
        "Fedora-S-dvd-x86_64-41, Fedora 41 Server x86_64",
        "Fedora-WS-Live-37-1-7, Fedora 37 Workstation",
        "Fedora 20 x86_64, Fedora 20 x86_64",
        "RHEL-9-4-0-BaseOS-x86_64, RHEL 9.4 x86_64",
        "RHEL-7.9 Server.x86_64, RHEL 7.9 x86_64",
        "CentOS 7 x86_64, CentOS 7 x86_64",
        "CentOS-8-5-2111-x86_64-dvd, CentOS 8.5 x86_64",
        "CentOS-Stream-9-BaseOS-x86_64, CentOS 9 Stream x86_64",
        "Rocky-9-4-x86_64-dvd, Rocky 9.4 x86_64",
        "OL-8-4-0-BaseOS-x86_64, OracleLinux 8.4 x86_64",
        "OL6.10 i386 Disc 1, OracleLinux 6.10 i386",
        "openSUSE-Leap-15.6-NET-x86_64710, OpenSUSE 15.6 Leap x86_64",
        "openSUSE-13.2-DVD-x86_64, OpenSUSE 13.2 x86_64",
        "Install-Leap-16.0-x86_64, OpenSUSE 16.0 Leap x86_64",
        "Install-SUSE-SLE-16-aarch64, SLE 16 aarch64",
        "SLES-11-SP4-DVD-i586, SLES 11.4 i386",
        "SLE-15-SP2-Installer-DVD-x86_64, SLE 15.2 x86_64",
        "Mageia-8-x86_64, Mageia 8 x86_64",
        "alpine-std 3.17.0 x86, Alpine 3.17.0 alpine-std i386",
        "14_3_RELEASE_AMD64_DVD, FreeBSD 14.3 x86_64",
        "11_0_RELEASE_P1_I386_CD, FreeBSD 11.0 i386",
        "OpenBSD/amd64   7.0 Install CD, OpenBSD 7.0 x86_64",
        "NETBSD_712, NetBSD 7.1.2",
        "NETBSD_100, NetBSD 10.0",
        "TINYLINUX, TinyLinux 1 x86_64"
    })
    void mediaAreToldByTheirVolumeIdentifiers(String label, String title) throws Exception {
        MediaIdentity identity =
                MediaIdentity.of(iso(label, Map.of("readme", "hello"))).orElseThrow();

        assertThat(identity.title()).isEqualTo(title);
        assertThat(identity.source()).isEqualTo("volume label");
    }

    @ParameterizedTest
    @CsvSource({
        "WinNT, 6.0.6002, Vista",
        "WinNT, 6.1.7601, 7",
        "WinNT, 6.2.9200, 8",
        "WinNT, 6.3.9600, 8.1",
        "WinNT, 10.0.19041, 10",
        "WinNT, 10.0.26100, 11",
        "ServerNT, 6.0.6001, 2008",
        "ServerNT, 6.1.7601, 2008 R2",
        "ServerNT, 6.2.9200, 2012",
        "ServerNT, 6.3.9600, 2012 R2",
        "ServerNT, 10.0.14393, 2016",
        "ServerNT, 10.0.17763, 2019",
        "ServerNT, 10.0.20348, 2022",
        "ServerNT, 10.0.26100, 2025"
    })
    void windowsIsToldByItsSystems(String product, String version, String name) throws Exception {
        String xml = RawWim.xml(
                RawWim.image(1, "Windows One", "Core", 9, product, version),
                RawWim.image(2, "Windows Two", "Professional", 9, product, version));
        Path iso = binary(Map.of("sources/install.wim", RawWim.of(xml)));

        MediaIdentity identity = MediaIdentity.of(iso).orElseThrow();

        assertThat(identity.title()).isEqualTo("Windows " + name + " x86_64");
        assertThat(identity.editions()).containsExactly("Windows One", "Windows Two");
        assertThat(identity.source()).isEqualTo("sources/install.wim");
        assertThat(identity.template(iso).os().version()).isEqualTo(name.split(" ")[0]);
    }

    @Test
    void windowsOfBothArchitecturesTellsNone() throws Exception {
        Path iso = binary(Map.of(
                "x64/sources/install.esd",
                RawWim.of(RawWim.xml(RawWim.image(1, "Windows 10 Pro", "Professional", 9, "WinNT", "10.0.19041"))),
                "x86/sources/install.esd",
                RawWim.of(RawWim.xml(RawWim.image(1, "Windows 10 Pro", "Professional", 0, "WinNT", "10.0.19041")))));

        MediaIdentity identity = MediaIdentity.of(iso).orElseThrow();

        assertThat(identity.arch()).isEmpty();
        assertThat(identity.editions()).containsExactly("Windows 10 Pro");
        assertThat(identity.fits("Windows", List.of("10"), Arch.I386)).isTrue();
    }

    @Test
    void windowsOfSeveralOrUnknownReleasesIsNotTold() throws Exception {
        for (String other : List.of("10.0.19041", "10.0.99999", "9.0.1")) {
            String xml = RawWim.xml(
                    RawWim.image(1, "One", "ServerStandard", 9, "ServerNT", other),
                    RawWim.image(2, "Two", "ServerStandard", 9, "ServerNT", "10.0.20348"));
            assertThat(MediaIdentity.of(binary(Map.of("sources/install.wim", RawWim.of(xml)))))
                    .isEmpty();
        }
        String hci = RawWim.image(1, "Azure Stack HCI", "ServerAzureStackHCICor", 9, "ServerNT", "10.0.20348");
        assertThat(MediaIdentity.of(binary(Map.of("sources/install.wim", RawWim.of(RawWim.xml(hci))))))
                .isEmpty();
    }

    @Test
    void aDamagedListOfSystemsIsTold() throws Exception {
        byte[] wim = RawWim.of(RawWim.xml());
        Path iso = binary(Map.of("sources/install.wim", Arrays.copyOf(wim, wim.length - 7)));

        assertThatThrownBy(() -> MediaIdentity.of(iso))
                .isInstanceOf(MediaException.class)
                .hasMessageContaining("sources/install.wim of the medium " + iso + " can't be read");
        assertThat(MediaIdentity.of(binary(Map.of("sources/install.wim", new byte[300]))))
                .isEmpty();
    }

    @Test
    void oldWindowsIsToldByItsTags() throws Exception {
        String five2 = setup("5", "2", "");
        assertThat(title(Map.of("i386/txtsetup.sif", five2, "WIN51IS.SP2", "Windows")))
                .contains("Windows 2003 i386");
        assertThat(title(Map.of("amd64/txtsetup.sif", five2, "win51ip.sp2", "Windows")))
                .contains("Windows XP x86_64");
        assertThat(title(Map.of("i386/txtsetup.sif", "[x]", "CDROM_NT.5", ""))).contains("Windows 2000 i386");
        assertThat(title(Map.of("i386/txtsetup.sif", five2))).isEmpty();
        assertThat(title(Map.of("i386/txtsetup.sif", "[x]"))).isEmpty();
    }

    private Optional<String> title(Map<String, String> files) throws Exception {
        return MediaIdentity.of(iso("LABEL", files)).map(MediaIdentity::title);
    }

    @Test
    void alpineTellsItsArchitectureInItsLabel() throws Exception {
        Path iso = iso("alpine-virt 3.20.3 aarch64", Map.of(".alpine-release", "alpine-virt-3.20.3 240906"));

        assertThat(MediaIdentity.of(iso).orElseThrow().title()).isEqualTo("Alpine 3.20.3 alpine-virt aarch64");
    }

    @Test
    void whatSaysNothingIsNotRecognised() throws Exception {
        assertThat(MediaIdentity.of(iso("DATA", Map.of("readme", "hello")))).isEmpty();
        assertThat(MediaIdentity.of(iso("DATA", Map.of(".treeinfo", "[", ".disk/info", "", ".discinfo", "1\n2"))))
                .isEmpty();
        assertThat(MediaIdentity.of(iso("DATA", Map.of("arch/version", "\n")))).isEmpty();
        String numbers = "1.".repeat(30_000) + "1";
        String words = "Ubuntu" + " a".repeat(30_000);
        assertThat(MediaIdentity.of(iso("DATA", Map.of(".disk/info", words, "arch/version", numbers))))
                .isEmpty();
        String tree = "[general]\nfamily=RHEL\nversion=" + numbers;
        assertThat(MediaIdentity.of(iso("DATA", Map.of(".treeinfo", tree)))).isEmpty();
        Path none = Files.writeString(folder.resolve("none.iso"), "no image");
        MediaException failure = catchThrowableOfType(MediaException.class, () -> MediaIdentity.of(none));
        assertThat(failure.kind()).isEqualTo(MediaException.Kind.BAD_FORMAT);
    }

    private static MediaIdentity identity(String os, String version, String edition, Arch arch) {
        return new MediaIdentity(
                os,
                version,
                Optional.of(edition).filter(text -> !text.isEmpty()),
                List.of(),
                Optional.of(arch),
                "LABEL",
                List.of(),
                "test");
    }

    @ParameterizedTest
    @CsvSource({
        // medium, edition, release, its versions, whether it fits
        "Debian, 13.1.0, '', Debian, trixie 13, true",
        "Debian, 13.1.0, '', Debian, bookworm 12, false",
        "Debian, 13.1.0, '', Debian, 1, false",
        "Debian, forky, '', Debian, forky 14, true",
        "Debian, 13.1.0, '', Ubuntu, 13, false",
        "Ubuntu, 24.04.4, Server, Ubuntu, 24.04, true",
        "Ubuntu, 24.04, '', Ubuntu, 24.04.4, true",
        "Ubuntu, 24.04.4, Server, Ubuntu, 24.10, false",
        "RHEL, 6.5, '', RedHatEnterpriseLinux-6, 5, true",
        "RHEL, 6.5, '', RHEL-6, 5, true",
        "RHEL, 6.5, '', RHEL-6, 6, false",
        "RHEL, 6.5, '', RHEL-5, U5, false",
        "RHEL, 6.10, '', RHEL-6, 1, false",
        "RHEL, 8.0.0, '', RHEL-8, 0, true",
        "RHEL, 5.8, '', RHEL-5, U8, true",
        "RHEL, 5, '', RHEL-5, GOLD, true",
        "RHEL, 9.4, '', RHEL, 9, true",
        "RHEL, 9.4, '', RHEL-9, 9.4, true",
        "RHEL, 9.4, '', CentOS-9, 4, false",
        "CentOS, 7, '', CentOS-7, 9, true",
        "CentOS, 9, Stream, CentOSStream, 9, true",
        "OracleLinux, 6.10, '', OEL-6, 10, true",
        "ScientificLinux, 6.5, '', SL-6, 5, true",
        "AlmaLinux, 9, '', AlmaLinux, 9.4, true",
        "RedHatLinux, 9, '', RHL, 9, true",
        "FedoraCore, 3, '', FC, 3, true",
        "FedoraCore, 6, '', Fedora, 6, false",
        "Fedora, 41, Server, Fedora, 41, true",
        "OpenSUSE, 15.6, Leap, OpenSUSE, 15.6, true",
        "OpenSUSE, 15.6, Leap, openSUSE-Leap, 15.6, true",
        "OpenSUSE, 15.6, Leap, OpenSUSE, 15.5, false",
        "OpenSUSE, 20240101, Tumbleweed, OpenSUSE, tumbleweed, true",
        "OpenSUSE, 20240101, Tumbleweed, OpenSUSE, 13.2, false",
        "SLES, 15.4, '', SLES, 15-SP4 15SP4, true",
        "SLE, 16, '', SLES, 16.0, true",
        "SLES, 15.4, '', SLED, 15.4, false",
        "Arch, 2024.06.01, '', ArchLinux, latest, true",
        "Windows, 10, '', Windows, 10, true",
        "Windows, 10, '', Windows, 11, false",
        "Windows, 8.1, '', Windows, 8, false",
        "Windows, 8.1, '', Windows, 8.1, true",
        "Windows, 2012, R2, Windows, 2012, true",
        "Windows, 2012, R2, Windows, 2012R2, true",
        "Windows, 2012, '', Windows, 2012R2, false",
        "Windows, 2019, '', Windows, 2022, false"
    })
    void aMediumFitsItsReleaseByWhateverNameItHas(
            String os, String version, String edition, String name, String versions, boolean fits) {
        MediaIdentity identity = identity(os, version, edition, Arch.X86_64);

        assertThat(identity.fits(name, List.of(versions.split(" ")), Arch.X86_64))
                .isEqualTo(fits);
        assertThat(identity.fits(name, List.of(versions.split(" ")), Arch.I386)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "RHEL, 9.4, RHEL-9, 4",
        "RHEL, 5.8, RHEL-5, U8",
        "RHEL, 5.0, RHEL-5, GOLD",
        "RHEL, 8.0.0, RHEL-8, 0",
        "CentOS, 7, CentOS, 7",
        "RHEL, 99999999999.1, RHEL, 99999999999.1",
        "CentOS, 8.5, CentOS-8, 5",
        "OracleLinux, 6.10, OL-6, 10",
        "OracleLinux, 9.4, OracleLinux, 9.4",
        "Fedora, 41, Fedora, 41",
        "Debian, 13.1.0, Debian, 13",
        "SLE, 15.2, SLES, 15.2",
        "Windows, 8.1, Windows, 8.1"
    })
    void aTemplateCallsTheSystemAsTemplatesDo(String os, String version, String name, String templateVersion) {
        Template template = identity(os, version, "", Arch.X86_64).template(Path.of("/srv/x.iso"));

        assertThat(template.os().name()).isEqualTo(name);
        assertThat(template.os().version()).isEqualTo(templateVersion);
    }
}
