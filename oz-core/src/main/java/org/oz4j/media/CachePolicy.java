package org.oz4j.media;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What HTTP allows a cache that many share to keep, and to answer with.
 *
 * <p>More careful than it need be: nothing is kept of requests with an account or a cookie, and nothing is fresh by guess.
 * Source: RFC 9111, chapters 3 (storing) and 4 (answering); RFC 9110, 7.6.1 (headers of a connection), 12.5.5 (Vary).
 */
final class CachePolicy {
    private static final String TYPE = "type";
    private static final String ENCODING = "encoding";
    private static final String CONTROL = "control";
    private static final String DATE = "date";
    private static final String FRESH_UNTIL = "fresh-until";

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");
    private static final List<String> CONDITIONS =
            List.of("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range");

    private CachePolicy() {}

    /** The values of a header, taken apart at their commas. */
    static Stream<String> values(MessageHeaders message, String name) {
        return Arrays.stream(message.getHeaders(name))
                .map(Header::getValue)
                .filter(value -> value != null)
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Optional<String> header(MessageHeaders message, String name) {
        return Optional.ofNullable(message.getFirstHeader(name)).map(Header::getValue);
    }

    private static boolean controls(MessageHeaders message, String directive) {
        return values(message, "Cache-Control")
                .anyMatch(
                        value -> value.toLowerCase(Locale.ROOT).split("=", 2)[0].equals(directive));
    }

    /** The seconds of a directive as {@code max-age}; what is no number counts as none left. */
    private static Optional<Long> seconds(MessageHeaders message, String directive) {
        return values(message, "Cache-Control")
                .map(value -> value.toLowerCase(Locale.ROOT).replace("\"", "").split("=", 2))
                .filter(pair -> pair.length == 2 && pair[0].strip().equals(directive))
                .findFirst()
                .map(pair -> number(pair[1].strip()));
    }

    private static long number(String digits) {
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : 0;
    }

    /** Whether a header is for the other end, and not for this connection alone. */
    static boolean isEndToEnd(String name, HttpMessage message) {
        return !OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))
                && values(message, "Connection").noneMatch(name::equalsIgnoreCase);
    }

    /** Whether a request may be answered by what is kept, and its answer kept. */
    static boolean mayAnswer(HttpRequest request) {
        return request.getMethod().equals("GET")
                && !request.containsHeader("Authorization")
                && !request.containsHeader("Cookie")
                && !controls(request, "no-store");
    }

    /** Whether a request wants a part of a file alone, or none where it has not changed. */
    static boolean isConditional(HttpRequest request) {
        return CONDITIONS.stream().anyMatch(request::containsHeader);
    }

    /** Has a request want all of a file. */
    static void unconditional(HttpRequest request) {
        CONDITIONS.forEach(request::removeHeaders);
    }

    /** Has a request ask whether a file is still what is kept. */
    static void ask(HttpRequest request, Properties facts) {
        String tag = facts.getProperty(Remote.ETAG);
        String modified = facts.getProperty(Remote.MODIFIED);
        if (tag != null) {
            request.setHeader("If-None-Match", tag);
        }
        if (modified != null) {
            request.setHeader("If-Modified-Since", modified);
        }
    }

    /** What is kept of an answer, in a form that survives us; empty where nothing may be kept. */
    static Optional<Properties> kept(HttpResponse response, Instant now) {
        boolean forbidden = response.getCode() != 200
                || controls(response, "no-store")
                || controls(response, "private")
                || response.containsHeader("Set-Cookie")
                || response.containsHeader("Content-Range")
                // nothing is asked for in other codings, so answers differ by nothing else that is allowed
                || values(response, "Vary").anyMatch(name -> !name.equalsIgnoreCase("Accept-Encoding"));
        if (forbidden) {
            return Optional.empty();
        }
        Properties facts = new Properties();
        header(response, "ETag").ifPresent(value -> facts.setProperty(Remote.ETAG, value));
        header(response, "Last-Modified").ifPresent(value -> facts.setProperty(Remote.MODIFIED, value));
        header(response, "Content-Type").ifPresent(value -> facts.setProperty(TYPE, value));
        header(response, "Content-Encoding").ifPresent(value -> facts.setProperty(ENCODING, value));
        age(facts, response, now);
        boolean usable = facts.containsKey(Remote.ETAG)
                || facts.containsKey(Remote.MODIFIED)
                || now.toEpochMilli() < until(facts);
        return usable ? Optional.of(facts) : Optional.empty();
    }

    /** What is known of a kept file once the server has said that it is the same. */
    static Properties refreshed(Properties before, HttpResponse response, Instant now) {
        Properties facts = new Properties();
        facts.putAll(before);
        age(facts, response, now);
        return facts;
    }

    private static void age(Properties facts, HttpResponse response, Instant now) {
        // a server whose clock is ahead of ours does not make its files younger
        Instant date = header(response, "Date")
                .flatMap(CachePolicy::date)
                .filter(now::isAfter)
                .orElse(now);
        String control = String.join(", ", values(response, "Cache-Control").toList());
        facts.setProperty(CONTROL, control);
        facts.setProperty(DATE, Long.toString(date.toEpochMilli()));
        long seconds = 0;
        if (!controls(response, "no-cache")) {
            seconds = seconds(response, "s-maxage")
                    .or(() -> seconds(response, "max-age"))
                    .or(() -> header(response, "Expires").map(value -> date(value)
                            .map(expires -> Duration.between(date, expires).toSeconds())
                            .orElse(0L)))
                    .orElse(0L);
        }
        long left = Math.min(seconds, LONGEST.toSeconds())
                - header(response, "Age").map(CachePolicy::number).orElse(0L);
        facts.setProperty(FRESH_UNTIL, Long.toString(now.toEpochMilli() + 1000 * Math.max(0, left)));
    }

    private static long until(Properties facts) {
        return number(facts.getProperty(FRESH_UNTIL, "0"));
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Whether a kept file answers a request without asking the server. */
    static boolean isFresh(Properties facts, HttpRequest request, Instant now) {
        boolean asksForNews =
                controls(request, "no-cache") || values(request, "Pragma").anyMatch("no-cache"::equalsIgnoreCase);
        long oldest = seconds(request, "max-age").orElse(Long.MAX_VALUE);
        return !asksForNews && now.toEpochMilli() < until(facts) && age(facts, now) < oldest;
    }

    /** Describes a kept file, but for its length. */
    static void describe(HttpResponse answer, Properties facts) {
        set(answer, "ETag", facts.getProperty(Remote.ETAG));
        set(answer, "Last-Modified", facts.getProperty(Remote.MODIFIED));
        set(answer, "Content-Type", facts.getProperty(TYPE));
        set(answer, "Content-Encoding", facts.getProperty(ENCODING));
        set(answer, "Cache-Control", facts.getProperty(CONTROL));
        set(answer, "Accept-Ranges", "bytes");
        set(answer, "Via", "1.1 oz4j");
    }

    private static void set(HttpResponse answer, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            answer.setHeader(name, value);
        }
    }

    /** Whether who asks has the kept file already. */
    static boolean isKnown(Properties facts, HttpRequest request) {
        if (request.containsHeader("If-None-Match")) {
            String tag = weak(facts.getProperty(Remote.ETAG, ""));
            return values(request, "If-None-Match")
                    .anyMatch(value ->
                            value.equals("*") || (!tag.isEmpty() && weak(value).equals(tag)));
        }
        Optional<Instant> theirs = header(request, "If-Modified-Since").flatMap(CachePolicy::date);
        Optional<Instant> ours = date(facts.getProperty(Remote.MODIFIED, ""));
        return theirs.isPresent() && ours.isPresent() && !ours.get().isAfter(theirs.get());
    }

    private static String weak(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    /** Whether a part of the kept file goes with the parts that who asks has. */
    static boolean isOfSame(Properties facts, HttpRequest request) {
        Optional<String> condition = header(request, "If-Range");
        if (condition.isEmpty()) {
            return true;
        }
        String tag = facts.getProperty(Remote.ETAG, "");
        return condition.get().startsWith("\"")
                ? condition.get().equals(tag)
                : condition.get().equals(facts.getProperty(Remote.MODIFIED));
    }

    /** The age of what is kept, in seconds. */
    static long age(Properties facts, Instant now) {
        return Math.max(0, (now.toEpochMilli() - number(facts.getProperty(DATE, "0"))) / 1000);
    }
}
