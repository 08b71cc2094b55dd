package org.oz4j.testkit.tiny;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.oz4j.Icicle;
import org.oz4j.disk.GuestFilesystem;
import org.oz4j.spi.PackageManager;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/** The package manager of TinyLinux. */
final class Tpk implements PackageManager {
    private static final String DATABASE = "/var/lib/tpk/installed";

    @Override
    public String name() {
        return "tpk";
    }

    @Override
    public Map<String, String> repositoryFiles(Repository repository) {
        return Map.of("/etc/tpk/repos.d/" + fileName(repository.name()) + ".repo", repository.url() + "\n");
    }

    @Override
    public List<List<String>> refresh() {
        return List.of(List.of("tpk", "update"));
    }

    @Override
    public List<List<String>> install(List<PackageRequest> packages) {
        if (packages.isEmpty()) {
            return List.of();
        }
        List<String> command = new ArrayList<>(List.of("tpk", "install"));
        for (PackageRequest request : packages) {
            command.add(request.repository()
                    .map(repository -> fileName(repository) + "/" + request.name())
                    .orElse(request.name()));
        }
        return List.of(command);
    }

    @Override
    public List<String> list() {
        return List.of("tpk", "list");
    }

    @Override
    public List<Icicle.Item> installed(GuestFilesystem files) throws InterruptedException {
        List<Icicle.Item> items = new ArrayList<>();
        for (String name : files.list(DATABASE)) {
            String version = new String(files.read(DATABASE + "/" + name + "/version"), StandardCharsets.UTF_8);
            items.add(new Icicle.Item(name, version.strip(), ""));
        }
        return items;
    }

    // A repository's name is free text in a template, and a file's name here.
    private static String fileName(String repository) {
        return URLEncoder.encode(repository, StandardCharsets.UTF_8).replace("*", "%2A");
    }
}
