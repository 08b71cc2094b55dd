package org.oz4j;

/**
 * Hears what a build does.
 *
 * <p>Events of one build come in this order, from one thread:
 *
 * <pre>
 * build    := Started step* ( Succeeded | Failed )
 * step     := StepStarted ( StepProgress | ConsoleLine | Notice )* ( StepFinished | StepFailed )
 * </pre>
 *
 * <p>What is started is finished exactly once. After {@code StepFailed} no further step starts. {@code StepProgress}
 * never goes back, within its step and overall. A listener that throws fails the build as if the step had thrown.
 */
@FunctionalInterface
public interface BuildListener {
    /** Hears nothing. */
    BuildListener NONE = event -> {};

    /** Takes one event; returns soon, since the build waits for it. */
    void on(BuildEvent event);
}
