package org.oz4j.engine;

/** One step of a build: a row of a declared list, and a seam where faults are injected. */
interface Step {
    /** What it is called in events. */
    String title();

    /** Its share of the build's progress, against the other steps'. */
    int weight();

    /** Does it. */
    void run(GuestBuild build, Progress progress) throws Exception;

    /**
     * Takes away what the step made and the finished image does not need. Called once for each step that began, in
     * reverse order, however the build ends; never interrupted.
     */
    default void leave(GuestBuild build) throws Exception {}
}
