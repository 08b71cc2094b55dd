/** The engine that runs builds; reached only through the front door. */
@NullMarked
package org.oz4j.engine;

import org.jspecify.annotations.NullMarked;
