package org.oz4j.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.commons.codec.digest.DigestUtils;
import org.oz4j.Arch;
import org.oz4j.Firmware;
import org.oz4j.config.OzConfig.VirtType;
import org.oz4j.hypervisor.Activity;
import org.oz4j.hypervisor.Hypervisor;
import org.oz4j.hypervisor.MachineState;

/**
 * Plays what a {@link Recording} wrote down, in virtual time, to an Oz that does the same again; and tells where it does
 * something else.
 *
 * <pre>{@code
 * try (Replay replay = Replay.of(file);
 *         Oz oz = Oz.builder().hypervisor(replay.hypervisor()).time(replay.time()).build()) {
 *     oz.guest(template).installer().install();
 *     replay.verify();
 * }
 * }</pre>
 *
 * <p>Machines write, work and stop when those of the recording did, whatever is typed on them. An ssh server answers each
 * command as the real one did, and only in the recorded order. What Oz makes up for one run (32 hexadecimal digits) may differ
 * in it. A disk only looks installed where the recorded one did.
 */
public final class Replay implements AutoCloseable {
    private static final Set<String> DONE = Set.of(
            RecordedHypervisor.START,
            RecordedMachine.KEYS,
            RecordedMachine.TYPE,
            RecordedMachine.SHUTDOWN,
            RecordedMachine.DESTROY);

    private final List<ObjectNode> recorded;
    private final List<ObjectNode> replayed = Collections.synchronizedList(new ArrayList<>());
    private final List<String> differences = Collections.synchronizedList(new ArrayList<>());
    private final List<Answers> servers = Collections.synchronizedList(new ArrayList<>());
    private final FakeSystem system = FakeSystem.create();
    private final FakeHypervisor fake;
    private final Hypervisor hypervisor;

    private Replay(List<ObjectNode> recorded) {
        this.recorded = recorded;
        FakeHypervisor.Builder host = FakeHypervisor.tcg().toBuilder();
        events(0, RecordedHypervisor.HOST).stream().findFirst().ifPresent(facts -> host.virtType(
                        VirtType.valueOf(facts.path("virt").textValue()))
                .arches(words(facts.path("arches")).map(Arch::valueOf).collect(Collectors.toSet()))
                .firmware(words(facts.path("firmware")).map(Firmware::valueOf).collect(Collectors.toSet())));
        AtomicInteger machines = new AtomicInteger();
        fake = host.guest(machine -> script(machines.incrementAndGet(), machine))
                .build();
        hypervisor = new RecordedHypervisor(fake, new Traffic(fake.time(), replayed::add));
    }

    /**
     * Reads a recording.
     *
     * @throws IllegalArgumentException where the file is none
     */
    public static Replay of(Path file) throws IOException {
        List<ObjectNode> events = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (String line : Files.readAllLines(file)) {
            try {
                if (!(mapper.readTree(line) instanceof ObjectNode event && event.has(Traffic.EVENT))) {
                    throw new IllegalArgumentException(
                            file + " is no recording: line " + (events.size() + 1) + " has no event");
                }
                events.add(event);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(
                        file + " is no recording: line " + (events.size() + 1) + ": " + e.getOriginalMessage(), e);
            }
        }
        return new Replay(events);
    }

    /** The hypervisor for the Oz that is tested. */
    public Hypervisor hypervisor() {
        return hypervisor;
    }

    /** The clock for it. */
    public VirtualTime time() {
        return fake.time();
    }

    /**
     * Holds that all was done again as in the recording, and nothing else.
     *
     * @throws AssertionError with what differs
     */
    public void verify() {
        List<String> all = new ArrayList<>(differences);
        List<String> before = done(recorded);
        List<String> now = done(List.copyOf(replayed));
        for (int i = 0; i < Math.max(before.size(), now.size()); i++) {
            String was = i < before.size() ? before.get(i) : "nothing";
            String is = i < now.size() ? now.get(i) : "nothing";
            if (!was.equals(is)) {
                all.add("done now: " + is + "\n  recorded: " + was);
                break;
            }
        }
        synchronized (servers) {
            servers.stream().flatMap(Answers::left).forEach(all::add);
        }
        if (!all.isEmpty()) {
            throw new AssertionError("The run differs from the recorded one:\n" + String.join("\n", all)
                    + "\nThe hypervisor's timeline:\n" + fake.timeline());
        }
    }

    /** What Oz did to the machines. */
    private static List<String> done(List<ObjectNode> events) {
        return events.stream()
                .filter(event -> DONE.contains(event.path(Traffic.EVENT).textValue()))
                .map(event -> event.deepCopy().without(Traffic.MILLIS).toString())
                .toList();
    }

    private List<ObjectNode> events(int machine, String name) {
        return of(machine).stream()
                .filter(event -> event.path(Traffic.EVENT).textValue().equals(name))
                .toList();
    }

    private List<ObjectNode> of(int machine) {
        return recorded.stream()
                .filter(event -> event.path(Traffic.MACHINE).intValue() == machine)
                .toList();
    }

    private static Stream<String> words(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue);
    }

    private GuestScript script(int number, FakeGuestContext machine) throws IOException {
        system.switchOff();
        List<ObjectNode> events = of(number);
        if (events.isEmpty()) {
            return GuestScript.start(); // one more than recorded, as verify tells
        }
        long zero = events.get(0).path(Traffic.MILLIS).longValue();
        Answers answers = new Answers(zero, events(number, RecordedShell.RUN));
        servers.add(answers);
        Map<String, String> given = new LinkedHashMap<>();
        GuestScript script = GuestScript.start().ignoresShutdown();
        long now = zero;
        for (ObjectNode event : events) {
            long at = event.path(Traffic.MILLIS).longValue();
            script = script.after(Duration.ofMillis(at - now));
            now = at;
            switch (event.path(Traffic.EVENT).textValue()) {
                case RecordedMachine.GIVEN -> given.put(event.path("name").textValue(), given(event, machine));
                case RecordedShell.LOGIN ->
                    script = script.runs(() -> {
                        system.answering(answers);
                        fake.forwards(22, system.boot(machine.spec()));
                    });
                case RecordedMachine.DESTROY -> {
                    return script; // what comes of it, comes when Oz does it
                }
                default -> script = script.then("", action(event, given));
            }
        }
        return script;
    }

    private static String given(ObjectNode event, FakeGuestContext machine) {
        return machine.token(Pattern.compile(Pattern.quote(event.path("behind").textValue()) + "([0-9a-f]{32})"));
    }

    private static GuestScript.Action action(ObjectNode event, Map<String, String> given) {
        return switch (event.path(Traffic.EVENT).textValue()) {
            case RecordedMachine.SERIAL -> {
                byte[] text = text(event, given);
                yield machine -> machine.writeSerial(event.path("port").intValue(), text);
            }
            case RecordedMachine.VIRTIO -> {
                byte[] text = text(event, given);
                yield machine -> machine.writeVirtio(event.path("port").textValue(), text);
            }
            case RecordedMachine.ACTIVITY ->
                machine -> machine.did(new Activity(
                        event.path("cpuNanos").longValue(),
                        event.path("diskBytes").longValue(),
                        event.path("networkBytes").longValue()));
            case RecordedMachine.SCREEN -> {
                byte[] png = bytes(event, "png");
                yield machine -> machine.show(png);
            }
            case RecordedMachine.STATE ->
                machine -> {
                    if (event.path("installed").booleanValue()) {
                        machine.install();
                    }
                    machine.become(new MachineState(
                            MachineState.Kind.valueOf(event.path("kind").textValue()),
                            event.path("detail").textValue()));
                };
            default -> machine -> {}; // what Oz did
        };
    }

    private static byte[] text(ObjectNode event, Map<String, String> given) {
        String text = event.path("text").textValue();
        for (Map.Entry<String, String> one : given.entrySet()) {
            text = text.replace(one.getKey(), one.getValue());
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(ObjectNode event, String name) {
        try {
            return event.path(name).binaryValue();
        } catch (IOException e) {
            throw new IllegalArgumentException("The recording has no base64 in " + name, e);
        }
    }

    /** What the ssh server of a machine says to one command after the other. */
    private final class Answers implements FakeSystem.Answers {
        private final Duration started = time().elapsed();
        private final long zero;
        private final Iterator<ObjectNode> expected;

        Answers(long zero, List<ObjectNode> expected) {
            this.zero = zero;
            this.expected = expected.iterator();
        }

        @Override
        public synchronized int answer(String command, InputStream input, OutputStream output, OutputStream errors)
                throws IOException {
            ObjectNode event = expected.hasNext() ? expected.next() : null;
            String was = event == null ? "nothing" : event.path("command").textValue();
            if (event == null || !masked(was).equals(masked(command))) {
                return differs(command, was);
            }
            if (event.has("input")
                    && !DigestUtils.sha256Hex(input).equals(event.path("input").textValue())) {
                return differs(command + ", with another input", was);
            }
            Duration due = started.plusMillis(event.path(Traffic.MILLIS).longValue() - zero);
            time().advance(due.minus(time().elapsed()));
            if (event.path("broken").booleanValue()) {
                throw new FakeSystem.Dropped();
            }
            if (event.has("bytes")) {
                output.write(bytes(event, "bytes"));
            }
            output.write(renamed(event.path("output").asText(), was, command));
            errors.write(renamed(event.path("errors").asText(), was, command));
            return event.path("status").intValue();
        }

        private int differs(String command, String was) {
            differences.add("run in the guest now: " + command + "\n  recorded: " + was);
            return 255;
        }

        Stream<String> left() {
            return StreamSupport.stream(((Iterable<ObjectNode>) () -> expected).spliterator(), false)
                    .map(event ->
                            "not run in the guest: " + event.path("command").textValue());
        }
    }

    private static String masked(String command) {
        return RecordedMachine.MADE_UP.matcher(command).replaceAll("*");
    }

    /** A text with what the command of now has in place of what the recorded one had made up. */
    private static byte[] renamed(String text, String was, String now) {
        Matcher before = RecordedMachine.MADE_UP.matcher(was);
        Matcher after = RecordedMachine.MADE_UP.matcher(now);
        String renamed = text;
        while (before.find() && after.find()) {
            renamed = renamed.replace(before.group(), after.group());
        }
        return renamed.getBytes(StandardCharsets.UTF_8);
    }

    /** Switches off what still answers. */
    @Override
    public void close() throws IOException {
        hypervisor.close();
        system.close();
    }
}
