// Package trialview shows what came of a trial: as text for people, as one JSON object
// for programs, and as a page for a browser.
//
// It judges nothing. What theory predicts stands beside what was measured, with the
// formula that predicts it, so that the reader can judge.
//
//	trialview.Text(w, outcome, trialview.Style{})   // no colours
//	trialview.JSON(w, outcome)
//	page := trialview.Page(outcome, "nekton sim -nodes 64")
//
// A figure has its unit; bytes are payload unless it says otherwise; times are virtual.
// A percentile is by nearest rank, and of few values it is one of them.
package trialview
