package org.oz4j.os.preseed;

import java.util.List;
import java.util.Map;

import org.oz4j.template.Template.Layout;
import org.oz4j.template.Template.Partition;

/**
 * Writes a disk's layout as a recipe of partman-auto.
 *
 * <p>Source: partman-auto-recipe.txt of debian-installer's documentation; its sizes are in MB (1,000,000 bytes).
 */
final class PartmanRecipe {
    /** The names of partman that are not those of templates. */
    private static final Map<String, String> FILESYSTEMS = Map.of("vfat", "fat32");

    private static final long MB = 1_000_000;
    private static final int MOST_PRIMARY = 4;
    /**
     * Least size, priority and largest size of one that takes what is left. What is left is shared out by the
     * differences of priority and least size, so one without a difference stays at its least.
     */
    private static final String REST = " 500 10000 -1";

    private PartmanRecipe() {}

    static String write(Layout layout, boolean uefi) {
        List<Partition> partitions = layout.partitions();
        StringBuilder recipe = new StringBuilder("oz ::");
        boolean efiMounted =
                partitions.stream().anyMatch(one -> one.mount().orElse("").equals("/boot/efi"));
        if (uefi && !efiMounted) {
            recipe.append(" 538 538 1075 free $iflabel{ gpt } $reusemethod{ } method{ efi } format{ } .");
        }
        boolean primary = partitions.size() <= MOST_PRIMARY;
        for (Partition partition : partitions) {
            if (partition.size().isPresent()) {
                long megabytes = (partition.size().getAsLong() + MB - 1) / MB;
                recipe.append((" " + megabytes).repeat(3));
            } else {
                recipe.append(REST);
            }
            if (partition.filesystem().equals("swap")) {
                recipe.append(" linux-swap")
                        .append(primary ? " $primary{ }" : "")
                        .append(" method{ swap } format{ } .");
                continue;
            }
            String filesystem = FILESYSTEMS.getOrDefault(partition.filesystem(), partition.filesystem());
            String mount = partition.mount().orElseThrow();
            if (uefi && mount.equals("/boot/efi")) {
                recipe.append(" free $iflabel{ gpt } $reusemethod{ } method{ efi } format{ } .");
                continue;
            }
            recipe.append(' ').append(filesystem).append(primary ? " $primary{ }" : "");
            recipe.append(" method{ format } format{ } use_filesystem{ } filesystem{ ")
                    .append(filesystem);
            recipe.append(" } mountpoint{ ").append(mount).append(" } .");
        }
        return "d-i partman-auto/expert_recipe string " + recipe + "\nd-i partman-auto/choose_recipe select oz"
                + (hasSwap(partitions) ? "" : "\nd-i partman-basicfilesystems/no_swap boolean false");
    }

    private static boolean hasSwap(List<Partition> partitions) {
        return partitions.stream().anyMatch(one -> one.filesystem().equals("swap"));
    }
}
