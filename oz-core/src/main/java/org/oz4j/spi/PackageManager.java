package org.oz4j.spi;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.oz4j.DiskException;
import org.oz4j.Icicle;
import org.oz4j.disk.Application;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/** How the guest's own package manager is told what to do: argument vectors, never shell text. */
public interface PackageManager {
    /** A name for messages, such as {@code apt}. */
    String name();

    /** Variables that keep the package manager from asking. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /**
     * The package manager as it works in a guest with those repositories, where what they ask for is told with each
     * command; by default it works there as anywhere.
     */
    default PackageManager with(List<Repository> repositories) {
        return this;
    }

    /**
     * The files that add a repository, by their absolute path.
     *
     * @throws org.oz4j.TemplateException where a value can't be written there
     */
    Map<String, String> repositoryFiles(Repository repository);

    /** The commands that add a repository after its files, where it takes commands; by default none. */
    default List<List<String>> addRepository(Repository repository) {
        return List.of();
    }

    /** The commands that take away what {@link #addRepository} did, before its files are removed; by default none. */
    default List<List<String>> removeRepository(Repository repository) {
        return List.of();
    }

    /** The commands to run once repositories have changed. */
    List<List<String>> refresh();

    /**
     * The commands that install packages, of which those with a file are given its address or its absolute path in the
     * guest.
     *
     * @throws org.oz4j.TemplateException where a name or an argument can't be told
     */
    List<List<String>> install(List<PackageRequest> packages);

    /** The command that prints the installed packages, one a line. */
    List<String> list();

    /**
     * What a line tells that {@link #list} prints: by default name, version and architecture, separated by blanks, of
     * which the last two may be missing.
     *
     * @return empty for a line that tells of no installed package
     */
    default Optional<Icicle.Item> item(String line) {
        return PackageField.read(
                List.of(PackageField.NAME, PackageField.VERSION, PackageField.ARCH),
                line.strip().replaceAll("\\s+", "\t"));
    }

    /**
     * What is installed in an image that is not booted; by default what libguestfs finds out, which knows the databases of
     * dpkg, rpm, apk and pacman.
     *
     * @throws DiskException where the image holds no database of packages
     */
    default List<Icicle.Item> installed(GuestFilesystem files) throws InterruptedException {
        List<Icicle.Item> items = files.applications().stream()
                .map(Application::item)
                .sorted(Comparator.comparing(Icicle.Item::name))
                .toList();
        if (items.isEmpty()) {
            throw new DiskException(
                    files.image(),
                    "No packages of " + name() + " were found in " + files.image(),
                    "List what is inside with the image booted",
                    null);
        }
        return items;
    }

    /** The type of its packages in package URLs, such as {@code deb}; by default {@code generic}. */
    default String purlType() {
        return "generic";
    }
}
