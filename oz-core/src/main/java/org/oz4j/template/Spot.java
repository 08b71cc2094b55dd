package org.oz4j.template;

import java.util.Comparator;

import org.jspecify.annotations.Nullable;

/**
 * Where the parser stood: just after the tag that it had read.
 *
 * @param text the file
 * @param line the line, from 1
 * @param column the column, from 1
 */
record Spot(SourceText text, int line, int column) {
    static final Comparator<@Nullable Spot> IN_ORDER =
            Comparator.nullsFirst(Comparator.comparingInt(Spot::line).thenComparingInt(Spot::column));
}
