package org.oz4j;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** Something that happened in a build; {@link BuildListener} gives the order. */
public sealed interface BuildEvent {
    /** The name of the build: the template's. */
    String build();

    /**
     * A build begins.
     *
     * @param os what is built, as in {@code Debian 13 x86_64}
     * @param at when
     * @param steps the names of all steps, in order
     */
    record Started(String build, String os, Instant at, List<String> steps) implements BuildEvent {
        /** Copies the list. */
        public Started {
            steps = List.copyOf(steps);
        }
    }

    /** A step begins. */
    record StepStarted(String build, String step) implements BuildEvent {}

    /**
     * A step has come further.
     *
     * @param text what is being done, for people
     * @param fraction how far the step is, 0 to 1
     * @param overall how far the build is, 0 to 1
     * @param done units done, where they can be counted
     * @param total units in all, where that is known
     * @param unit the unit of both, such as {@code bytes}; empty where there is none
     */
    record StepProgress(
            String build,
            String step,
            String text,
            double fraction,
            double overall,
            OptionalLong done,
            OptionalLong total,
            String unit)
            implements BuildEvent {}

    /** The guest printed a line on its console; control sequences are taken out. */
    record ConsoleLine(String build, String step, String line) implements BuildEvent {}

    /** A command that runs in the guest printed a line. */
    record CommandOutput(String build, String step, String command, String line) implements BuildEvent {}

    /** Something people should know, that is no failure. */
    record Notice(String build, String step, String text) implements BuildEvent {}

    /** A step is done. */
    record StepFinished(String build, String step, Duration took) implements BuildEvent {}

    /** A step failed, or was cancelled. */
    record StepFailed(String build, String step, String problem) implements BuildEvent {}

    /** The build is done. */
    record Succeeded(String build, InstalledImage image) implements BuildEvent {}

    /** The build failed, or was cancelled, and has cleaned up. */
    record Failed(String build, OzException cause) implements BuildEvent {}
}
