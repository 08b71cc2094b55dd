package org.oz4j.engine;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.oz4j.config.Loopback;
import org.oz4j.remote.ShellWords;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template;
import org.oz4j.template.Template.Repository;

/**
 * What a guest's package manager is told for a template: one answer for whoever does it and whoever plans it.
 *
 * @param manager the package manager
 * @param proxy what it fetches through by http, as the guest sees it
 */
record PackageWork(PackageManager manager, Optional<URI> proxy) {
    /** Without a proxy. */
    PackageWork(PackageManager manager) {
        this(manager, Optional.empty());
    }

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
        Map<String, String> variables = new TreeMap<>(manager.environment());
        // its address ends without a slash for those who can't do with one
        proxy.ifPresent(
                address -> variables.put("http_proxy", address.toString().replaceFirst("/$", "")));
        List<String> command = new ArrayList<>();
        if (!variables.isEmpty()) {
            command.add("env");
            variables.forEach((name, value) -> command.add(name + "=" + value));
        }
        command.addAll(words);
        return ShellWords.command(command);
    }
}
