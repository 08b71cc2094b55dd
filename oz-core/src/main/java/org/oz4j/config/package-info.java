/** The configuration: where things lie on the host, and its limits. */
@NullMarked
package org.oz4j.config;

import org.jspecify.annotations.NullMarked;
