@NullMarked
package org.oz4j.testkit.standin;

import org.jspecify.annotations.NullMarked;
