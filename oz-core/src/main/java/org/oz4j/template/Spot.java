package org.oz4j.template;

import org.jspecify.annotations.Nullable;

/**
 * Where the parser stood: just after the tag that it had read.
 *
 * @param systemId the file's address; null for a template that came without one
 * @param line the line, from 1
 * @param column the column, from 1
 */
record Spot(@Nullable String systemId, int line, int column) {}
