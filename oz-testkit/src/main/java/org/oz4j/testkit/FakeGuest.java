package org.oz4j.testkit;

import java.io.IOException;

/** Decides what a guest of the fake hypervisor does, each time a machine starts. */
@FunctionalInterface
public interface FakeGuest {
    /** The script of a machine that is being started. */
    GuestScript script(FakeGuestContext machine) throws IOException;
}
