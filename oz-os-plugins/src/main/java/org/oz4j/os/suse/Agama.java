package org.oz4j.os.suse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import org.oz4j.os.answers.AnswerTemplate;
import org.oz4j.os.answers.HostName;
import org.oz4j.spi.ProfileRequest;
import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;
import org.oz4j.template.Template.Setup;
import org.oz4j.template.Template.VolumeGroup;

/**
 * Writes a profile of Agama.
 *
 * <p>Source: agama-project.github.io, "Profile reference", and the JSON schemas of agama-project/agama.
 */
final class Agama {
    private static final long GIB = 1L << 30;

    private Agama() {}

    /**
     * The profile.
     *
     * @param product Agama's name of the product
     * @param arguments what the kernel of the new system gets
     */
    static String write(ProfileRequest request, SuseRow row, String product, String arguments) {
        Setup setup = request.template().os().setup();
        Layout layout = Disk.layout(request, row.filesystem());
        List<Map<String, Object>> partitions = new ArrayList<>();
        layout.partitions().stream().map(Agama::partition).forEach(partitions::add);
        List<Map<String, Object>> groups = new ArrayList<>();
        for (VolumeGroup group : layout.groups()) {
            partitions.add(sized(new HashMap<>(Map.of("alias", group.name())), group.size()));
            groups.add(Map.of(
                    "name",
                    group.name(),
                    "volumes",
                    group.volumes().stream().map(Agama::partition).toList()));
        }
        return AnswerTemplate.fill(
                Agama.class,
                "autoinst.json.ftl",
                Map.ofEntries(
                        Map.entry("product", product),
                        Map.entry("bootarguments", arguments),
                        Map.entry(
                                "hostname",
                                HostName.of(request.template(), "suse").full()),
                        Map.entry("language", setup.locale().orElse("en_US.UTF-8")),
                        Map.entry("keyboard", setup.keyboard().orElse("us")),
                        Map.entry("timezone", setup.timezone().orElse("UTC")),
                        Map.entry("password", request.rootPassword().sha512Crypt()),
                        Map.entry("packages", List.of("openssh")),
                        Map.entry("device", SusePlugin.device(request)),
                        Map.entry("least", GIB),
                        Map.entry("partitions", partitions),
                        Map.entry("groups", groups),
                        Map.entry(
                                "script",
                                SetupScript.write(request, SusePlugin.signal(request, row), true, false, true))));
    }

    private static Map<String, Object> partition(Partition partition) {
        Map<String, Object> values = new HashMap<>();
        values.put("mount", Disk.mount(partition));
        values.put("filesystem", partition.filesystem());
        if (!partition.name().isEmpty()) {
            values.put("name", partition.name());
        }
        return sized(values, partition.size());
    }

    private static Map<String, Object> sized(Map<String, Object> values, OptionalLong size) {
        size.ifPresent(bytes -> values.put("size", bytes));
        return values;
    }
}
