package org.oz4j.os.redhat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import org.oz4j.Arch;
import org.oz4j.os.redhat.Anaconda.Way;
import org.oz4j.os.redhat.Row.Line;
import org.oz4j.spi.MachineHints.NicModel;
import org.oz4j.spi.OsRelease.Support;
import org.oz4j.template.Template.InstallType;

/**
 * The table of releases. A new one is a row, or a number, of it.
 *
 * <p>Enterprise Linux is told by the Fedora that its installer comes from: 3 from Fedora Core 1, 4 from 3, 5 from 6, 6 from
 * 13, 7 from 19, 8 from 28, 9 from 34, 10 from 40. Source: the handlers of pykickstart for each of them, and Red Hat's
 * release notes.
 */
final class Releases {
    private static final Set<Arch> I386 = EnumSet.of(Arch.I386);
    private static final Set<Arch> X86_64 = EnumSet.of(Arch.X86_64);
    private static final Set<Arch> X86 = EnumSet.of(Arch.I386, Arch.X86_64);
    private static final Set<Arch> MODERN = EnumSet.of(Arch.X86_64, Arch.AARCH64, Arch.PPC64LE);
    /** Those of the Python tool's table; no vendor's installer for RISC-V is known to us. */
    private static final Set<Arch> ALL = EnumSet.complementOf(EnumSet.of(Arch.RISCV64));

    private static final Set<Arch> NO_OTHERS = EnumSet.noneOf(Arch.class);
    private static final Set<InstallType> TREE = EnumSet.of(InstallType.URL);
    private static final Set<InstallType> BOTH = EnumSet.allOf(InstallType.class);

    private static final String ARCHIVE = "https://archive.fedoraproject.org/pub/archive/fedora/linux/core/";
    private static final String FEDORA = "https://docs.fedoraproject.org/en-US/fedora/";
    private static final String RED_HAT = "https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/";
    private static final String CENTOS = "https://wiki.centos.org/Manuals/ReleaseNotes";
    private static final String STREAM = "https://docs.centos.org/";
    private static final String ORACLE = "https://docs.oracle.com/en/operating-systems/oracle-linux/";
    private static final String SCIENTIFIC = "https://scientificlinux.org/documentation/";
    private static final String CERN = "https://linux.web.cern.ch/";
    private static final String ALMA = "https://wiki.almalinux.org/release-notes/";
    private static final String ROCKY = "https://docs.rockylinux.org/release_notes/";
    /** Red Hat raised the level of its processors with 10; machines get the host's processor, which must have it. */
    private static final String V3 = "; processors must be of the level x86-64-v3";

    private static final Anaconda EL3 = Anaconda.old(1, NicModel.RTL8139);
    private static final Anaconda EL4 = Anaconda.up2date(3, NicModel.RTL8139);
    private static final Anaconda EL4_KIN = Anaconda.yum(3, false); // have yum in its place
    private static final Anaconda EL5 = Anaconda.yum(6, false);
    private static final Anaconda EL5_2 = Anaconda.yum(6, true); // its release notes: hashes of SHA-256 and SHA-512
    private static final Anaconda EL5_4 = Anaconda.yum(6, Way.SCRIPT); // its release notes: drivers for virtio
    private static final Anaconda EL6 = Anaconda.yum(13, Way.SCRIPT);
    private static final Anaconda EL7_0 = Anaconda.yum(19, Way.OLD_KEYS); // OpenSSH 6.4
    private static final Anaconda EL7 = Anaconda.yum(19, Way.EDIT);
    private static final Anaconda EL8 = Anaconda.dnf(28, Way.EDIT);
    private static final Anaconda EL9 = Anaconda.dnf(34, Way.EDIT);
    private static final Anaconda EL10 = Anaconda.dnf(40, Way.CREDENTIALS);

    private static final int NEWEST_FEDORA = 45;
    private static final int FIRST_DUE_FEDORA = 45;

    /** When Fedora's releases were given up, from 18 on; source: https://docs.fedoraproject.org/en-US/releases/eol/. */
    private static final List<String> FEDORA_ENDS = List.of(
            "2014-01-14",
            "2015-01-06",
            "2015-06-23",
            "2015-12-01",
            "2016-07-19",
            "2016-12-20",
            "2017-08-08",
            "2017-12-12",
            "2018-05-29",
            "2018-11-30",
            "2019-05-28",
            "2019-11-26",
            "2020-05-26",
            "2020-11-24",
            "2021-05-25",
            "2021-11-30",
            "2022-06-07",
            "2022-12-13",
            "2023-05-16",
            "2023-12-05",
            "2024-05-21",
            "2024-11-26",
            "2025-05-13");

    private static final int FIRST_END = 18;

    private final List<Row> rows = new ArrayList<>();

    private Releases() {}

    /** All rows. */
    static List<Row> all() {
        Releases table = new Releases();
        table.redHatLinux();
        table.fedora();
        table.enterpriseLinux();
        table.kinOfToday();
        return List.copyOf(table.rows);
    }

    /** Whose trees have a kernel for starting over the network is not certain: none was at hand. */
    private void redHatLinux() {
        Line rhl = new Line(
                "RedHatLinux",
                List.of("RHL"),
                I386,
                NO_OTHERS,
                TREE,
                "Red Hat Linux 7.0 to 9: Customization Guide, Kickstart");
        Map<String, Anaconda> versions = new LinkedHashMap<>();
        versions.put("7.0", Anaconda.old(-3, NicModel.NE2K_PCI));
        versions.put("7.1", Anaconda.old(-2, NicModel.NE2K_PCI));
        versions.put("7.2", Anaconda.old(-1, NicModel.RTL8139));
        versions.put("7.3", Anaconda.old(-1, NicModel.RTL8139));
        versions.put("8", Anaconda.old(0, NicModel.RTL8139));
        versions.put("9", Anaconda.old(0, NicModel.RTL8139));
        add(rhl, versions, Support.EXPERIMENTAL, "2004-04-30");
        Line el2 = new Line(
                "RHEL-2.1",
                List.of("RedHatEnterpriseLinux-2.1"),
                I386,
                NO_OTHERS,
                TREE,
                RED_HAT + "2.1: Customization Guide, Kickstart Installations");
        add(
                el2,
                points(List.of("GOLD", "U2", "U3", "U4", "U5", "U6"), Anaconda.old(-1, NicModel.PCNET)),
                Support.EXPERIMENTAL,
                "2009-05-31");
    }

    private void fedora() {
        for (int number = 1; number <= 6; number++) {
            Line core = new Line("FedoraCore", List.of("FC"), X86, ALL, BOTH, ARCHIVE + number + "/");
            add(core, Map.of(String.valueOf(number), ofCore(number)), Support.CHECKED, "");
        }
        for (int number = 7; number <= NEWEST_FEDORA; number++) {
            int end = number - FIRST_END;
            add(
                    fedora(number),
                    Map.of(String.valueOf(number), ofFedora(number)),
                    number >= FIRST_DUE_FEDORA ? Support.EXPERIMENTAL : Support.CHECKED,
                    end >= 0 && end < FEDORA_ENDS.size() ? FEDORA_ENDS.get(end) : "");
        }
        add(fedora(NEWEST_FEDORA), Map.of("rawhide", ofFedora(NEWEST_FEDORA)), Support.EXPERIMENTAL, "");
    }

    /** Yum, as we tell it what to do, came with 3. */
    private static Anaconda ofCore(int number) {
        return number >= 3 ? Anaconda.yum(number, false) : Anaconda.old(number, NicModel.RTL8139);
    }

    private static Line fedora(int number) {
        Set<Arch> arches = EnumSet.copyOf(number <= 30 ? X86 : X86_64);
        if (number >= 21) {
            arches.addAll(MODERN);
        }
        return new Line(
                "Fedora", List.of(), arches, ALL, BOTH, FEDORA + "f" + number + "/ (Install Guide, release notes)");
    }

    /** Source: Fedora's packages openssh (6.6 in 21) and systemd (in 15; 256 in 41), and its release notes. */
    private static Anaconda ofFedora(int number) {
        if (number >= 22) {
            return Anaconda.dnf(number, number >= 41 ? Way.CREDENTIALS : Way.EDIT);
        }
        Way way = number >= 21 ? Way.EDIT : number >= 15 ? Way.OLD_KEYS : Way.SCRIPT;
        Anaconda anaconda = Anaconda.yum(number, way);
        return number >= 9 ? anaconda : Anaconda.yum(number, number >= 8); // glibc 2.7 came with 8
    }

    private void enterpriseLinux() {
        Map<String, Anaconda> el3 = points(updates(0, 9), EL3);
        enterprise("RHEL-3", List.of("RedHatEnterpriseLinux-3"), X86, RED_HAT + "3", el3, "2010-10-31");
        enterprise("CentOS-3", List.of(), X86, CENTOS, el3, "2010-10-31");

        Map<String, Anaconda> el4 = points(updates(0, 7), EL4);
        el4.putAll(points(updates(8, 9), EL4.withVirtio()));
        Map<String, Anaconda> el4Kin = points(updates(0, 7), EL4_KIN);
        el4Kin.putAll(points(updates(8, 9), EL4_KIN.withVirtio()));
        enterprise("RHEL-4", List.of("RedHatEnterpriseLinux-4"), X86, RED_HAT + "4", el4, "2012-02-29");
        enterprise("CentOS-4", List.of(), X86, CENTOS, el4Kin, "2012-02-29");
        enterprise("SL-4", List.of("ScientificLinux-4"), X86, SCIENTIFIC, el4Kin, "2012-02-29");

        Map<String, Anaconda> el5 = points(updates(0, 1), EL5);
        el5.putAll(points(updates(2, 3), EL5_2));
        el5.putAll(points(updates(4, 11), EL5_4));
        enterprise("RHEL-5", List.of("RedHatEnterpriseLinux-5"), X86, RED_HAT + "5", el5, "2017-03-31");
        enterprise("CentOS-5", List.of(), X86, CENTOS, el5, "2017-03-31");
        enterprise("OL-5", List.of(), X86, ORACLE, el5, "");
        enterprise("SL-5", List.of("ScientificLinux-5"), X86, SCIENTIFIC, el5, "2017-03-31");
        enterprise("SLC-5", List.of("ScientificLinuxCern-5"), X86, CERN, el5, "2017-03-31");

        Map<String, Anaconda> el6 = points(minors(0, 10), EL6);
        enterprise("RHEL-6", List.of("RedHatEnterpriseLinux-6"), X86, RED_HAT + "6", el6, "2020-11-30");
        enterprise("CentOS-6", List.of(), X86, CENTOS, el6, "2020-11-30");
        enterprise("OL-6", List.of("OEL-6", "OracleEnterpriseLinux-6"), X86, ORACLE, el6, "");
        enterprise("SL-6", List.of("ScientificLinux-6"), X86, SCIENTIFIC, el6, "2020-11-30");
        enterprise("SLC-6", List.of("ScientificLinuxCern-6"), X86, CERN, el6, "2020-11-30");

        Map<String, Anaconda> el7 = points(minors(0, 0), EL7_0);
        el7.putAll(points(minors(1, 9), EL7));
        enterprise("RHEL-7", List.of("RedHatEnterpriseLinux-7"), MODERN, RED_HAT + "7", el7, "2024-06-30");
        enterprise("CentOS-7", List.of(), MODERN, CENTOS, el7, "2024-06-30");

        Map<String, Anaconda> el8 = points(minors(0, 10), EL8);
        enterprise("RHEL-8", List.of("RedHatEnterpriseLinux-8"), MODERN, RED_HAT + "8", el8, "2029-05-31");
        enterprise("CentOS-8", List.of(), MODERN, CENTOS, el8, "2021-12-31");

        Map<String, Anaconda> el9 = points(minors(0, 8), EL9);
        enterprise("RHEL-9", List.of("RedHatEnterpriseLinux-9"), MODERN, RED_HAT + "9", el9, "2032-05-31");
        // what templates of the Python tool call CentOS 9 is CentOS Stream 9, which has no minor versions
        enterprise("CentOS-9", List.of(), MODERN, STREAM, points(minors(0, 7), EL9), "");

        String ten = RED_HAT + "10" + V3;
        enterprise(
                "RHEL-10", List.of("RedHatEnterpriseLinux-10"), MODERN, ten, points(minors(0, 2), EL10), "2035-05-31");
    }

    /** Those that templates name by a whole version, with or without the minor one. */
    private void kinOfToday() {
        Set<Arch> two = EnumSet.of(Arch.X86_64, Arch.AARCH64);
        List<String> stream = List.of("CentOS-Stream");
        whole("CentOSStream", stream, "8", -1, EL8, MODERN, STREAM, "2024-05-31");
        whole("CentOSStream", stream, "9", -1, EL9, MODERN, STREAM, "");
        whole("CentOSStream", stream, "10", -1, EL10, MODERN, STREAM + V3, "");
        whole("AlmaLinux", List.of(), "8", 10, EL8, MODERN, ALMA, "");
        whole("AlmaLinux", List.of(), "9", 8, EL9, MODERN, ALMA, "2032-05-31");
        whole("AlmaLinux", List.of(), "10", 2, EL10, MODERN, ALMA + V3, "2035-05-31");
        whole("Rocky", List.of("RockyLinux"), "8", 10, EL8, two, ROCKY, "2029-05-31");
        whole("Rocky", List.of("RockyLinux"), "9", 8, EL9, MODERN, ROCKY, "2032-05-31");
        whole("Rocky", List.of("RockyLinux"), "10", 2, EL10, MODERN, ROCKY + V3, "2035-05-31");
        whole("OracleLinux", List.of("OL"), "8", 10, EL8, two, ORACLE + "8/", "");
        whole("OracleLinux", List.of("OL"), "9", 8, EL9, two, ORACLE + "9/", "");
        whole("OracleLinux", List.of("OL"), "10", 2, EL10, two, ORACLE + "10/" + V3, "");
    }

    private void enterprise(
            String os, List<String> names, Set<Arch> arches, String source, Map<String, Anaconda> points, String end) {
        Set<Arch> others = os.endsWith("-10") ? NO_OTHERS : ALL;
        add(new Line(os, names, arches, others, BOTH, source), points, Support.CHECKED, end);
    }

    private void whole(
            String os,
            List<String> names,
            String version,
            int lastMinor,
            Anaconda anaconda,
            Set<Arch> arches,
            String source,
            String end) {
        List<String> aliases = minors(0, lastMinor).stream()
                .map(minor -> version + "." + minor)
                .toList();
        Line line = new Line(os, names, arches, NO_OTHERS, BOTH, source);
        rows.add(new Row(line, version, aliases, anaconda, Support.CHECKED, day(end)));
    }

    private void add(Line line, Map<String, Anaconda> versions, Support support, String end) {
        versions.forEach(
                (version, anaconda) -> rows.add(new Row(line, version, List.of(), anaconda, support, day(end))));
    }

    private static Optional<LocalDate> day(String end) {
        return end.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(end));
    }

    private static Map<String, Anaconda> points(List<String> versions, Anaconda anaconda) {
        Map<String, Anaconda> points = new LinkedHashMap<>();
        versions.forEach(version -> points.put(version, anaconda));
        return points;
    }

    private static List<String> updates(int first, int last) {
        return minors(first, last).stream()
                .map(number -> number.equals("0") ? "GOLD" : "U" + number)
                .toList();
    }

    private static List<String> minors(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(String::valueOf).toList();
    }
}
