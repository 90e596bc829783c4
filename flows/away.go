package flows

// Away says that the shop's memory cannot be reached: nothing is bought meanwhile, and what the person sent is not lost.
func (w *Words) Away(language string) string { return w.in(language).say("away") }
