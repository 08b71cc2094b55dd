package org.oz4j.os.answers;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.oz4j.Arch;
import org.oz4j.spi.OsRelease;
import org.oz4j.spi.OsRelease.Support;

/** Rows of releases whose answers and media have gone through a stand-in of their installer, which there is for x86_64. */
public final class StandIns {
    private StandIns() {}

    /** The row for its other architectures, of which we are as sure as before, and that for x86_64. */
    public static List<OsRelease> of(OsRelease row) {
        List<OsRelease> rows = new ArrayList<>();
        if (row.arches().size() > 1) {
            Set<Arch> others = EnumSet.copyOf(row.arches());
            others.remove(Arch.X86_64);
            rows.add(row.on(others, row.support()));
        }
        rows.add(row.on(Set.of(Arch.X86_64), Support.STAND_IN));
        return rows;
    }
}
