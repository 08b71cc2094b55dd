package org.oz4j.spi;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.oz4j.template.Template.InstallType;

/** A way to start the installer and to hand it the answer file. */
public sealed interface MediaRecipe {
    /** Whether it works for that kind of install: from an ISO image, or from a tree of files on a server. */
    default boolean isFor(InstallType type) {
        return type == InstallType.ISO;
    }

    /** Small text files that go where the answer file goes, by path. */
    Map<String, String> files();

    /** Whether it adds arguments to the installer's kernel, such as the template's own. */
    boolean carriesArguments();

    /** Whether it carries what a template adds to the medium ({@code extras}). */
    boolean carriesExtras();

    /**
     * Starts the installer's kernel directly; the answer file is appended to its initrd, so the medium stays as it is.
     *
     * @param kernel the kernel on the medium
     * @param initrd the initial ramdisk on the medium
     * @param arguments the kernel's arguments; the template's own are added at their end
     * @param answerPath where the installer looks for the answer file in its initrd, such as {@code preseed.cfg}
     * @param files further small text files to add to the initrd, by path
     */
    record DirectKernel(
            BootFile kernel, BootFile initrd, String arguments, String answerPath, Map<String, String> files)
            implements MediaRecipe {
        /** Copies the map. */
        public DirectKernel {
            files = Map.copyOf(files);
        }

        /** With no further files. */
        public DirectKernel(BootFile kernel, BootFile initrd, String arguments, String answerPath) {
            this(kernel, initrd, arguments, answerPath, Map.of());
        }

        @Override
        public boolean isFor(InstallType type) {
            return true;
        }

        @Override
        public boolean carriesArguments() {
            return true;
        }

        @Override
        public boolean carriesExtras() {
            return false;
        }
    }

    /**
     * Starts the installer's kernel directly, with the medium beside it; the answer file is on a second CD that the
     * installer finds by its label. For installers that need a kernel argument to trust it, as Ubuntu's.
     *
     * @param kernel the kernel on the medium
     * @param initrd the initial ramdisk on the medium
     * @param arguments the kernel's arguments; the template's own are added at their end
     * @param label the second CD's volume identifier, such as {@code cidata}
     * @param answerPath the answer file's path there
     * @param files further small text files on that CD, by path
     */
    record KernelAndVolume(
            BootFile kernel,
            BootFile initrd,
            String arguments,
            String label,
            String answerPath,
            Map<String, String> files)
            implements MediaRecipe {
        /** Copies the map. */
        public KernelAndVolume {
            files = Map.copyOf(files);
        }

        @Override
        public boolean carriesArguments() {
            return true;
        }

        @Override
        public boolean carriesExtras() {
            return false;
        }
    }

    /**
     * Boots the medium as it is; the answer file is on a second CD that the installer finds by its label.
     *
     * @param label the second CD's volume identifier, such as {@code OEMDRV}
     * @param answerPath the answer file's path there
     * @param files further small text files on that CD, by path
     * @param carriesExtras whether the installer looks there for what a template adds, as Windows does for drivers
     */
    record AnswerVolume(String label, String answerPath, Map<String, String> files, boolean carriesExtras)
            implements MediaRecipe {
        /** Copies the map. */
        public AnswerVolume {
            files = Map.copyOf(files);
        }

        /** For the answers alone. */
        public AnswerVolume(String label, String answerPath, Map<String, String> files) {
            this(label, answerPath, files, false);
        }

        @Override
        public boolean carriesArguments() {
            return false;
        }
    }

    /**
     * Boots the medium as it is; the answer file is on a floppy, where old installers look for it, as Windows before Vista
     * for {@code winnt.sif}.
     *
     * @param answerPath the answer file's path there
     * @param files further small text files on it, by path; 1.4 MB in all
     */
    record Floppy(String answerPath, Map<String, String> files) implements MediaRecipe {
        /** Copies the map. */
        public Floppy {
            files = Map.copyOf(files);
        }

        @Override
        public boolean carriesArguments() {
            return false;
        }

        @Override
        public boolean carriesExtras() {
            return false;
        }
    }

    /**
     * Boots a changed copy of the medium, which carries the answer file and what the template adds ({@code extras}); by BIOS
     * and by UEFI, by its own boot loaders.
     *
     * @param kernels the installer's kernel on the medium, by each path that its boot loaders call it by; the first boot
     *     entry that starts it starts by itself. Empty where the medium boots as it did, with no arguments added
     * @param arguments what that entry's kernel arguments get besides; the template's own are added at their end
     * @param passOver kernel arguments of entries that do something else than to install, such as {@code rescue}; {@code
     *     initrd=/PATH} is for entries with that initial ramdisk, GRUB's too
     * @param answerPath the answer file's path on the medium
     * @param files further small text files on it, by path
     */
    record RemasteredIso(
            Set<String> kernels, String arguments, Set<String> passOver, String answerPath, Map<String, String> files)
            implements MediaRecipe {
        /** Copies the collections. */
        public RemasteredIso {
            kernels = Set.copyOf(kernels);
            passOver = Set.copyOf(passOver);
            files = Map.copyOf(files);
        }

        /** A copy that boots as the original does, such as one whose loader knows no kernel arguments. */
        public RemasteredIso(String answerPath, Map<String, String> files) {
            this(Set.of(), "", Set.of(), answerPath, files);
        }

        @Override
        public boolean carriesArguments() {
            return !kernels.isEmpty();
        }

        @Override
        public boolean carriesExtras() {
            return true;
        }
    }

    /**
     * A file on the medium that starts the installer.
     *
     * @param path relative to the tree's address or the ISO image's root
     * @param sha256 its SHA-256 in hex, where the medium tells it
     */
    record BootFile(String path, Optional<String> sha256) {}
}
