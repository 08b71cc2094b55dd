package org.oz4j.os.suse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.oz4j.UnsupportedOsException;
import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.InstallType;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.VolumeGroup;

/**
 * Writes an AutoYaST profile.
 *
 * <p>Source: the AutoYaST Guide of SUSE Linux Enterprise Server 12 and 15, and of openSUSE.
 */
final class AutoYast {
    private static final long MIB = 1L << 20;
    private static final int MOST_PRIMARY = 4;
    private static final Pattern LOCALE =
            Pattern.compile("([a-z]{2,3}_[A-Z]{2})(\\.UTF-?8)?", Pattern.CASE_INSENSITIVE);

    // the guide's table of partition_id
    private static final int SWAP = 130;
    private static final int LINUX = 131;
    private static final int LVM = 142;
    private static final int EFI = 259;

    private AutoYast() {}

    /**
     * The profile.
     *
     * @param arguments what the kernel of the new system gets
     */
    static String write(ProfileRequest request, SuseRow row, String arguments) {
        boolean one = row.yast() == SuseRow.Yast.ONE_STAGE;
        Map<String, Object> values = new HashMap<>();
        values.put("title", request.release().title());
        values.put("stages", one ? 1 : 2);
        values.put("reboot", row.reboots() > 0);
        if (one) {
            values.put("bootarguments", arguments);
        }
        values.put("drives", drives(request, row));
        if (row.has(SuseRow.Trait.MODULES)) {
            values.put("product", "SLES");
            // The modules lie beside the product: on the full medium, or on the server.
            boolean tree = request.template().os().install().type() == InstallType.URL;
            values.put("modules", tree ? request.location().toString() : "dvd:///");
        }
        values.put("packages", one ? List.of("openssh") : List.of("autoyast2", "autoyast2-installation", "openssh"));
        values.put("language", language(request));
        values.put("keymap", Keymaps.name(request));
        values.put("timezone", request.template().os().setup().timezone().orElse("UTC"));
        boolean hash = !row.has(SuseRow.Trait.OLD_CRYPT);
        values.put("encrypted", hash);
        values.put(
                "password",
                hash
                        ? request.rootPassword().sha512Crypt()
                        : request.rootPassword().clearText());
        HostName host = HostName.of(request.template(), "suse");
        values.put("host", Map.of("name", host.name(), "domain", host.domain()));
        values.put("script", SetupScript.write(request, SusePlugin.signal(request, row), one, one, hash));
        return AnswerTemplate.fill(AutoYast.class, "autoinst.xml.ftlx", values);
    }

    /** A language of a country, which is all that YaST knows. */
    private static String language(ProfileRequest request) {
        String locale = request.template().os().setup().locale().orElse("en_US.UTF-8");
        var matcher = LOCALE.matcher(locale);
        if (!matcher.matches()) {
            throw new UnsupportedOsException(
                    request.release().title(),
                    "YaST can't set the locale '" + locale + "'",
                    "Give one of a country in UTF-8, such as de_AT.UTF-8");
        }
        return matcher.group(1);
    }

    private static List<Map<String, Object>> drives(ProfileRequest request, SuseRow row) {
        Layout layout = Disk.layout(request, row.filesystem());
        boolean uefi = request.startsByUefi();
        List<Map<String, Object>> partitions = new ArrayList<>();
        if (uefi && !Disk.mounts(layout, "/boot/efi")) {
            partitions.add(partition(new Partition("", Optional.of("/boot/efi"), OptionalLong.of(256 * MIB), "vfat")));
        }
        layout.partitions().stream().map(AutoYast::partition).forEach(partitions::add);
        for (VolumeGroup group : layout.groups()) {
            partitions.add(Map.of("group", group.name(), "id", LVM, "size", size(group.size())));
        }
        Map<String, Object> disk = new HashMap<>(Map.of("partitions", partitions));
        if (!row.has(SuseRow.Trait.OLD_DISK_NAMES)) {
            disk.put("device", SusePlugin.device(request));
        }
        // Without a table of its own choice YaST makes GPT, and on BIOS the partition that this needs.
        if (row.yast() == SuseRow.Yast.ONE_STAGE && (uefi || partitions.size() <= MOST_PRIMARY)) {
            disk.put("disklabel", uefi ? "gpt" : "msdos");
        }
        return Stream.concat(
                        Stream.of(disk),
                        layout.groups().stream()
                                .map(group -> Map.<String, Object>of(
                                        "device",
                                        "/dev/" + group.name(),
                                        "type",
                                        "CT_LVM",
                                        "partitions",
                                        group.volumes().stream()
                                                .map(AutoYast::partition)
                                                .toList())))
                .toList();
    }

    private static Map<String, Object> partition(Partition partition) {
        Map<String, Object> values = new HashMap<>();
        String mount = Disk.mount(partition);
        values.put("mount", mount);
        values.put("filesystem", partition.filesystem());
        values.put("size", size(partition.size()));
        values.put("id", mount.equals("swap") ? SWAP : mount.equals("/boot/efi") ? EFI : LINUX);
        if (!partition.name().isEmpty()) {
            values.put("name", partition.name());
        }
        return values;
    }

    private static String size(OptionalLong bytes) {
        return bytes.isEmpty() ? "max" : (bytes.getAsLong() + MIB - 1) / MIB + "M";
    }
}
