package org.oz4j.spi;

import java.util.List;
import java.util.Map;

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

    /** The files that add a repository, by their absolute path. */
    Map<String, String> repositoryFiles(Repository repository);

    /** The commands to run once repositories have changed. */
    List<List<String>> refresh();

    /** The commands that install packages. */
    List<List<String>> install(List<PackageRequest> packages);

    /** The command that prints the installed packages, one a line. */
    List<String> list();
}
