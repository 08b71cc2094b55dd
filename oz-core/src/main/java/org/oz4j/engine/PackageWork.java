package org.oz4j.engine;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.config.Loopback;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/**
 * What a guest's package manager is told for a template: one answer for whoever does it and whoever plans it.
 *
 * @param manager the package manager
 * @param template what it is told of
 * @param proxy what it fetches through by http, as the guest sees it
 */
record PackageWork(PackageManager manager, Template template, Optional<URI> proxy) {
    PackageWork {
        manager = manager.with(
                template.repositories().stream().map(PackageWork::asGuestSees).toList());
    }

    /** The repository with its address as the guest must have it. */
    private static Repository asGuestSees(Repository repository) {
        return new Repository(
                repository.name(),
                Loopback.asGuestSees(repository.url()),
                repository.signed(),
                repository.persisted(),
                repository.sslVerify());
    }

    /** The files that add a repository, by their path. */
    Map<String, String> repositoryFiles(Repository repository) {
        return manager.repositoryFiles(asGuestSees(repository));
    }

    /** The commands that add a repository once its files are there. */
    List<List<String>> add(Repository repository) {
        return manager.addRepository(asGuestSees(repository));
    }

    /** The commands that take a repository away before its files are. */
    List<List<String>> remove(Repository repository) {
        return manager.removeRepository(asGuestSees(repository));
    }

    /** The commands that install the template's packages, each as its words. */
    List<List<String>> install() {
        if (template.packages().isEmpty()) {
            return List.of();
        }
        List<List<String>> commands = new ArrayList<>(manager.refresh());
        commands.addAll(
                manager.install(template.packages().stream().map(this::located).toList()));
        return commands;
    }

    /**
     * Checks, before any work, that the package manager can be told all that the template asks for.
     *
     * @throws TemplateException where it can't
     */
    void check() {
        template.repositories().forEach(this::repositoryFiles);
        commands();
    }

    /** All commands, in their order. */
    List<List<String>> commands() {
        List<List<String>> commands = new ArrayList<>();
        template.repositories().forEach(one -> commands.addAll(add(one)));
        commands.addAll(install());
        template.repositories().stream().filter(one -> !one.persisted()).forEach(one -> commands.addAll(remove(one)));
        return commands;
    }

    /** A package's file is relative to its repository, where it has one. */
    private PackageRequest located(PackageRequest request) {
        return new PackageRequest(
                request.name(),
                request.repository(),
                request.file().map(file -> located(request, file)),
                request.arguments());
    }

    private String located(PackageRequest request, String file) {
        if (file.startsWith("/") || file.contains("://")) {
            return Loopback.asGuestSees(file);
        }
        String base = template.repositories().stream()
                .filter(one -> request.repository().equals(Optional.of(one.name())))
                .map(one -> asGuestSees(one).url().split("\\s", 2)[0])
                .findFirst()
                .orElseThrow(() -> new TemplateException(List.of(new Problem(
                        "package " + request.name(),
                        0,
                        0,
                        "its file \"" + file + "\" is in no repository of this template; name one, or write an address"
                                + " or an absolute path in the guest"))));
        return base.replaceFirst("/*$", "/") + file;
    }

    /** The variables that the package manager wants. */
    Map<String, String> environment() {
        Map<String, String> variables = new TreeMap<>(manager.environment());
        // its address ends without a slash for those who can't do with one
        proxy.ifPresent(
                address -> variables.put("http_proxy", address.toString().replaceFirst("/$", "")));
        return variables;
    }
}
