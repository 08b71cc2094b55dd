/** Fakes, virtual time, faults and contract suites, for tests of code that uses Oz or extends it. */
@NullMarked
package org.oz4j.testkit;

import org.jspecify.annotations.NullMarked;
