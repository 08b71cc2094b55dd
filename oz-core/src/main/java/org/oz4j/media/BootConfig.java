package org.oz4j.media;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A boot loader's configuration, of which one entry is changed and all else kept as it is written.
 *
 * <p>Immutable; a change makes another one.
 */
sealed interface BootConfig permits IsolinuxConfig, GrubConfig {
    /** Where GRUB looks for its configuration on media, by the last part of the path. */
    Set<String> GRUB_NAMES = Set.of("grub.cfg", "loopback.cfg", "kernels.cfg");
    /** Where isolinux and its brothers begin. */
    Set<String> ISOLINUX_ROOTS = Set.of("isolinux.cfg", "syslinux.cfg", "extlinux.conf");

    /**
     * An entry that starts a Linux kernel.
     *
     * @param number which of the configuration's entries it is, from 0
     * @param title what people choose it by
     * @param kernel the kernel's path, as written
     * @param arguments the kernel's arguments, as the kernel reads them: parted by blanks, with double quotes around blanks
     * @param ramdisks the initial ramdisks' paths, as written in commands of their own; where an argument names one, it is
     *     none of them
     */
    record Entry(int number, String title, String kernel, String arguments, List<String> ramdisks) {}

    /** Reads a configuration; the file's name tells which loader's it is. Every text can be read. */
    static BootConfig parse(String path, String text) {
        String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        return GRUB_NAMES.contains(name) ? GrubConfig.of(text) : IsolinuxConfig.of(text);
    }

    /** All entries that start a kernel, in order, also those in submenus. */
    List<Entry> entries();

    /** Changes the arguments of one entry's kernel. */
    BootConfig withArguments(Entry entry, UnaryOperator<String> change);

    /**
     * Has an entry start by itself after that time.
     *
     * @param entry one of this configuration's own; empty where another file that this one includes, or is included by,
     *     has it
     * @param name what {@link #nameOf} says of it in the file that has it
     * @param root whether the loader begins with this file
     */
    BootConfig startingWith(Optional<Entry> entry, String name, Duration timeout, boolean root);

    /** What an entry is called in the loader's own language. */
    String nameOf(Entry entry);

    /** The configuration as a file has it. */
    String text();
}
