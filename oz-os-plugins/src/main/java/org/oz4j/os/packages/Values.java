package org.oz4j.os.packages;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import org.oz4j.Problem;
import org.oz4j.TemplateException;
import org.oz4j.template.Template.PackageRequest;
import org.oz4j.template.Template.Repository;

/** A template's values as package managers can take them, or a refusal. */
final class Values {
    private static final int LONGEST = 100;

    private Values() {}

    /**
     * Packages that one command installs, as they share what it is told.
     *
     * @param repository the identifier of the repository that they come from
     * @param arguments the words of their arguments
     * @param packages they, in their order
     */
    record Batch(Optional<String> repository, List<String> arguments, List<PackageRequest> packages) {
        /** What the command names: a package's file, where it has one that will do, or its name. */
        List<String> targets(Predicate<String> file) {
            return packages.stream()
                    .map(one -> one.file().filter(file).orElse(one.name()))
                    .toList();
        }
    }

    /**
     * A repository's name as a file's name and as an identifier: letters, digits and {@code _.-} alone, and not
     * {@code main}, yum's own section. Other names are told apart by a sum.
     */
    static String id(String name) {
        String safe = name.replaceAll("[^A-Za-z0-9_.-]|^[-.]", "_");
        boolean fits = safe.equals(name) && !name.equals("main") && name.length() <= LONGEST;
        return fits
                ? name
                : safe.substring(0, Math.min(safe.length(), LONGEST)) + "-" + Integer.toHexString(name.hashCode());
    }

    /** A repository's address: a single word, and none that looks like an option. */
    static String url(Repository repository) {
        return repository.url().contains(" ")
                ? refuse(repository, "has blanks, which are written %20")
                : line(repository);
    }

    /** A repository's address with what may follow it on the line. */
    static String line(Repository repository) {
        String url = repository.url();
        return url.matches("[^\\s\\p{Cntrl}-]\\P{Cntrl}*")
                ? url
                : refuse(repository, "is empty, begins with '-' or a blank, or has line breaks or tabs");
    }

    private static String refuse(Repository repository, String why) {
        return refuse("repository " + repository.name(), "its url \"" + repository.url() + "\" " + why);
    }

    /** Whether the server has a certificate that is not checked. */
    static boolean isUnverified(Repository repository) {
        return !repository.sslVerify() && repository.url().matches("(?i)(pkg\\+)?https:.*");
    }

    /** Arguments as words. */
    static List<String> words(Optional<String> arguments) {
        return arguments.map(String::strip).filter(text -> !text.isEmpty()).stream()
                .flatMap(text -> List.of(text.split("\\s+")).stream())
                .toList();
    }

    /**
     * Packages by what a command is told of them.
     *
     * @param signs what no package's name begins with, as the package manager takes it for something else
     */
    static List<Batch> batches(List<PackageRequest> packages, String signs) {
        Map<Batch, List<PackageRequest>> batches = new LinkedHashMap<>();
        for (PackageRequest one : packages) {
            if (one.name().isEmpty() || signs.indexOf(one.name().charAt(0)) >= 0) {
                refuse("package " + one.name(), "the name of a package begins with none of \"" + signs + "\"");
            }
            Batch told = new Batch(one.repository().map(Values::id), words(one.arguments()), List.of());
            batches.computeIfAbsent(told, key -> new ArrayList<>()).add(one);
        }
        return batches.entrySet().stream()
                .map(each -> new Batch(each.getKey().repository(), each.getKey().arguments(), each.getValue()))
                .toList();
    }

    /** Words one after the other. */
    @SafeVarargs
    static List<String> command(List<String>... parts) {
        List<String> words = new ArrayList<>();
        for (List<String> part : parts) {
            words.addAll(part);
        }
        return List.copyOf(words);
    }

    private static String refuse(String source, String message) {
        throw new TemplateException(List.of(new Problem(source, 0, 0, message)));
    }
}
