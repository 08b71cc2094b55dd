package org.oz4j.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.oz4j.config.Loopback;
import org.oz4j.remote.ShellWords;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Repository;

/**
 * What a guest's package manager is told for a template: one answer for whoever does it and whoever plans it.
 *
 * @param manager the package manager
 */
record PackageWork(PackageManager manager) {
    /** The files that add a repository, by their path, with its address as the guest must have it. */
    Map<String, String> repositoryFiles(Repository repository) {
        return manager.repositoryFiles(new Repository(
                repository.name(),
                Loopback.asGuestSees(repository.url()),
                repository.signed(),
                repository.persisted(),
                repository.sslVerify()));
    }

    /** The commands that install a template's packages, each as its words. */
    List<List<String>> install(Template template) {
        if (template.packages().isEmpty()) {
            return List.of();
        }
        List<List<String>> commands = new ArrayList<>(manager.refresh());
        commands.addAll(manager.install(template.packages()));
        return commands;
    }

    /** A command as the guest's shell takes it, with the variables that the package manager wants. */
    String shellText(List<String> words) {
        List<String> command = new ArrayList<>();
        if (!manager.environment().isEmpty()) {
            command.add("env");
            manager.environment().forEach((name, value) -> command.add(name + "=" + value));
        }
        command.addAll(words);
        return ShellWords.command(command);
    }
}
